using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using SignalFlow.Storage.Reading.Replicas;

namespace SignalFlow.Storage.Reading;

/// <summary>The read model. Writes go through <see cref="Posts.PostWriter"/>; the schema belongs to the migrations.</summary>
public sealed class SignalFlowDbContext(DbContextOptions<SignalFlowDbContext> options) : DbContext(options)
{
    public DbSet<Post> Posts => Set<Post>();
    public DbSet<PostNlp> PostFeatures => Set<PostNlp>();
    public DbSet<PostStory> PostStories => Set<PostStory>();
    public DbSet<TermBurstRow> TermBursts => Set<TermBurstRow>();
    public DbSet<TermHourRow> TermHours => Set<TermHourRow>();
    public DbSet<SignalEventRow> SignalEvents => Set<SignalEventRow>();
    public DbSet<SentimentShiftRow> SentimentShifts => Set<SentimentShiftRow>();
    public DbSet<ActivityAnomalyRow> ActivityAnomalies => Set<ActivityAnomalyRow>();
    public DbSet<Subreddit> Subreddits => Set<Subreddit>();
    public DbSet<HistoryPoint> History => Set<HistoryPoint>();
    public DbSet<HourlyPostStats> HourlyPostStats => Set<HourlyPostStats>();
    public DbSet<DailyPostStats> DailyPostStats => Set<DailyPostStats>();
    public DbSet<HourlyMetrics> HourlyMetrics => Set<HourlyMetrics>();
    public DbSet<IngestionShard> IngestionShards => Set<IngestionShard>();
    public DbSet<PolledSubreddit> PolledSubreddits => Set<PolledSubreddit>();
    public DbSet<ConfiguredSubredditRow> ConfiguredSubreddits => Set<ConfiguredSubredditRow>();
    public DbSet<DeadLetterEvent> DeadLetters => Set<DeadLetterEvent>();

    /// <summary>Lower case as the database has it, in queries: what it makes of letters beyond ASCII depends on its locale.</summary>
    [DbFunction("lower", IsBuiltIn = true)]
    public static string Lower(string text) => throw new InvalidOperationException($"Only the database can do this; asked for \"{text}\".");

    /// <summary>Of the request that has the pooled context now; null where there are no replicas to choose from.</summary>
    internal ReadSession? Session { get; set; }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Subreddit>(subreddit =>
        {
            subreddit.ToTable("subreddits");
            subreddit.Property(row => row.Id).HasColumnName("id");
            subreddit.Property(row => row.Name).HasColumnName("name");
        });
        modelBuilder.Entity<Post>(post =>
        {
            post.ToTable("posts");
            post.HasOne(row => row.Subreddit).WithMany().HasForeignKey(row => row.SubredditId);
            post.HasOne(row => row.Nlp).WithOne().HasForeignKey<PostNlp>(nlp => nlp.PostId);
            post.HasOne(row => row.Surge).WithOne().HasForeignKey<PostSurge>(surge => surge.PostId);
            Columns(post);
            post.Property(row => row.Over18).HasColumnName("over_18");
        });
        modelBuilder.Entity<PostNlp>(nlp =>
        {
            nlp.ToTable("post_nlp_features");
            nlp.HasKey(row => row.PostId);
            Columns(nlp);
        });
        modelBuilder.Entity<PostSurge>(surge =>
        {
            surge.ToTable("post_surge");
            surge.HasKey(row => row.PostId);
            Columns(surge);
        });
        modelBuilder.Entity<PostStory>(story =>
        {
            story.ToTable("post_stories");
            story.HasKey(row => row.PostId);
            Columns(story);
        });
        modelBuilder.Entity<TermBurstRow>(burst =>
        {
            burst.ToTable("term_bursts");
            burst.HasKey(row => new { row.Bucket, row.Term });
            Columns(burst);
        });
        modelBuilder.Entity<TermHourRow>(hour =>
        {
            hour.ToTable("term_hours");
            hour.HasKey(row => row.Hour);
            Columns(hour);
        });
        modelBuilder.Entity<SignalEventRow>(signal =>
        {
            signal.ToTable("signal_events");
            signal.HasKey(row => row.Id);
            Columns(signal);
            signal.Property(row => row.Detail).HasColumnType("jsonb");
        });
        modelBuilder.Entity<SentimentShiftRow>(shift =>
        {
            shift.ToTable("sentiment_shifts");
            shift.HasKey(row => new { row.Kind, row.Key, row.Since });
            Columns(shift);
            shift.Property(row => row.Movers).HasColumnType("jsonb");
        });
        modelBuilder.Entity<ActivityAnomalyRow>(anomaly =>
        {
            anomaly.ToTable("activity_anomalies");
            anomaly.HasKey(row => new { row.Subreddit, row.Measure, row.Since });
            Columns(anomaly);
        });
        modelBuilder.Entity<HistoryPoint>(point =>
        {
            point.ToTable("post_metrics_history");
            point.HasKey(row => new { row.PostId, row.CapturedAt });
            Columns(point);
        });
        modelBuilder.Entity<HourlyPostStats>(hour =>
        {
            hour.ToTable("post_stats_hourly");
            hour.HasKey(row => new { row.Bucket, row.SubredditId });
            Columns(hour);
        });
        modelBuilder.Entity<DailyPostStats>(day =>
        {
            day.ToTable("post_stats_daily");
            day.HasKey(row => new { row.Day, row.SubredditId });
            Columns(day);
        });
        modelBuilder.Entity<HourlyMetrics>(hour =>
        {
            hour.ToView("post_metrics_hourly");
            hour.HasKey(row => new { row.Bucket, row.SubredditId });
            Columns(hour);
        });
        modelBuilder.Entity<IngestionShard>(shard =>
        {
            shard.ToTable("ingestion_shards");
            shard.HasKey(row => row.ShardId);
            Columns(shard);
        });
        modelBuilder.Entity<PolledSubreddit>(subreddit =>
        {
            subreddit.HasNoKey().ToSqlQuery(PolledSubreddit.Query);
            Columns(subreddit);
        });
        modelBuilder.Entity<ConfiguredSubredditRow>(subreddit =>
        {
            subreddit.HasNoKey().ToSqlQuery(ConfiguredSubredditRow.Query);
            Columns(subreddit);
        });
        modelBuilder.Entity<DeadLetterEvent>(letter =>
        {
            letter.ToTable("dlq_events");
            Columns(letter);
            letter.Property(row => row.Headers).HasColumnType("jsonb");
        });
    }

    // The tables keep the original system's snake_case names.
    private static void Columns<TEntity>(EntityTypeBuilder<TEntity> entity)
        where TEntity : class
    {
        foreach (var property in entity.Metadata.GetProperties())
            property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
    }
}
