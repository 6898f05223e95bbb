using Npgsql;

namespace SignalFlow.Tests.Infrastructure;

/// <summary>Login users with one role each, as a deployment has them: tests of services go as far as the services themselves may.</summary>
internal static class ServiceUser
{
    public const string Reader = "signalflow_reader";
    public const string Writer = "signalflow_writer";
    public const string Api = "signalflow_api";

    /// <param name="owner">Of a migrated database, as a user who may make others.</param>
    /// <param name="role">One of the migrations' roles.</param>
    /// <returns>The same database for a user who has this role and nothing else.</returns>
    public static async Task<string> ConnectAsync(string owner, string role)
    {
        var user = new NpgsqlConnectionStringBuilder(owner) { Username = $"{role}_user", Password = role };
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(owner) { Pooling = false });
        // Users are the server's, and tests run side by side.
        await using var create = source.CreateCommand($"""
            DO $$ BEGIN
              CREATE ROLE {user.Username} LOGIN PASSWORD '{user.Password}' IN ROLE {role};
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
            END $$
            """);
        await create.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return user.ConnectionString;
    }
}
