using Microsoft.EntityFrameworkCore;

namespace SignalFlow.Api.Access.Users;

/// <summary>What Identity reads and writes of the table <c>users</c>; the schema belongs to the migrations.</summary>
internal sealed class AccessDbContext(DbContextOptions<AccessDbContext> options) : DbContext(options)
{
    public DbSet<User> Users => Set<User>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<User>(user =>
    {
        user.ToTable("users");
        user.Property(row => row.Id).HasColumnName("id").ValueGeneratedNever();
        user.Property(row => row.UserName).HasColumnName("user_name");
        user.Property(row => row.NormalizedUserName).HasColumnName("normalized_user_name");
        user.Property(row => row.PasswordHash).HasColumnName("password_hash");
        user.Property(row => row.SecurityStamp).HasColumnName("security_stamp");
        user.Property(row => row.ConcurrencyStamp).HasColumnName("concurrency_stamp").IsConcurrencyToken();
        user.Property(row => row.AccessFailedCount).HasColumnName("access_failed_count");
        user.Property(row => row.LockoutEnabled).HasColumnName("lockout_enabled");
        user.Property(row => row.LockoutEnd).HasColumnName("lockout_end");
        user.Property(row => row.Role).HasColumnName("role");
        user.Property(row => row.IsActive).HasColumnName("is_active");
        user.Property(row => row.CreatedAt).HasColumnName("created_at");
        user.Property(row => row.SignedInAt).HasColumnName("signed_in_at");
        user.Ignore(row => row.Email);
        user.Ignore(row => row.NormalizedEmail);
        user.Ignore(row => row.EmailConfirmed);
        user.Ignore(row => row.PhoneNumber);
        user.Ignore(row => row.PhoneNumberConfirmed);
        user.Ignore(row => row.TwoFactorEnabled);
    });
}
