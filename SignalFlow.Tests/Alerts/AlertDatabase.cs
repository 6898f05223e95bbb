using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using SignalFlow.Storage.Alerts;
using SignalFlow.Storage.Alerts.Rules;
using SignalFlow.Storage.Posts;
using SignalFlow.Storage.Rollups;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Alerts;

/// <summary>A database with an owner of rules, posts, events, and a clock that stands still.</summary>
internal sealed class AlertDatabase : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    private AlertDatabase(MigratedDatabase database)
    {
        Database = database;
        Evaluation = NewEvaluation();
    }

    public MigratedDatabase Database { get; }

    public NpgsqlDataSource Source => Database.DataSource;

    public FakeTimeProvider Time { get; } = new(new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    public DateTimeOffset Now => Time.GetUtcNow();

    public Guid Owner { get; } = Guid.NewGuid();

    public AlertEvaluation Evaluation { get; }

    public IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<AlertDatabase> CreateAsync(PostgresFixture postgres)
    {
        var alerts = new AlertDatabase(await MigratedDatabase.CreateAsync(postgres));
        await alerts.AddUserAsync(alerts.Owner);
        return alerts;
    }

    public Task AddUserAsync(Guid id, string role = "analyst") => Database.ExecuteAsync(
        $"INSERT INTO users (id, user_name, normalized_user_name, security_stamp, role) VALUES ('{id}', '{id}', '{id}', 's', '{role}')");

    public AlertEvaluation NewEvaluation() => new(new(Meters), Time, NullLogger<AlertEvaluation>.Instance);

    public async Task<AlertRule> AddRuleAsync(RuleCondition condition, Func<RuleDefinition, RuleDefinition>? with = null)
    {
        var definition = new RuleDefinition { Name = Guid.NewGuid().ToString(), Condition = condition };
        await using var connection = await Source.OpenConnectionAsync(Cancel);
        await using var transaction = await connection.BeginTransactionAsync(Cancel);
        var (_, rule) = await AlertRuleStore.AddAsync(connection, Owner, with?.Invoke(definition) ?? definition, 50, Now, Cancel);
        await transaction.CommitAsync(Cancel);
        return rule!;
    }

    public Task<AlertRule> AddQueryAsync(string query, Func<RuleDefinition, RuleDefinition>? with = null) =>
        AddRuleAsync(new() { Kind = AlertKinds.Query, Query = query, DedupeMinutes = 0 }, with);

    /// <summary>Alerts of the day before, which leave the hour its room.</summary>
    public async Task FireAsync(AlertRule rule, List<RuleMatch> matches)
    {
        await using var command = Source.CreateCommand("""
            INSERT INTO alerts (rule_id, user_id, kind, key, subject, post_id, occurred_at, fired_at)
            SELECT $1, $2, 'query', given.key, given.subject, substr(given.own, 6), given.at, $7 FROM unnest($3, $4, $5, $6) AS given (key, subject, own, at)
            """);
        command.Parameters.Add(new() { Value = rule.Id });
        command.Parameters.Add(new() { Value = Owner });
        command.Parameters.Add(new() { Value = matches.ConvertAll(match => match.KeyOf(rule.Condition.Dedupe)).ToArray() });
        command.Parameters.Add(new() { Value = matches.ConvertAll(match => match.Subject).ToArray() });
        command.Parameters.Add(new() { Value = matches.ConvertAll(match => match.Own).ToArray() });
        command.Parameters.Add(new() { Value = matches.ConvertAll(match => match.OccurredAt.UtcDateTime).ToArray() });
        command.Parameters.Add(new() { Value = Now.AddDays(-1).UtcDateTime });
        await command.ExecuteNonQueryAsync(Cancel);
    }

    /// <returns>The number of new alerts.</returns>
    public async Task<long> EvaluateAsync(AlertEvaluation? evaluation = null)
    {
        await SettleAsync(Source);
        return await EvaluateNowAsync(evaluation);
    }

    /// <summary>What transactions hold back that are still under way, stays.</summary>
    public async Task<long> EvaluateNowAsync(AlertEvaluation? evaluation = null)
    {
        await using var connection = await Source.OpenConnectionAsync(Cancel);
        return await (evaluation ?? Evaluation).RunAsync(connection, Cancel);
    }

    /// <summary>Until what is stored is complete: transactions of the other tests' databases count, too, because they are numbered together.</summary>
    public static async Task SettleAsync(NpgsqlDataSource source)
    {
        ulong newest;
        await using (var command = source.CreateCommand("SELECT pg_current_xact_id()"))
            newest = (ulong)(await command.ExecuteScalarAsync(Cancel))!;
        while (true)
        {
            await using var command = source.CreateCommand("SELECT pg_snapshot_xmin(pg_current_snapshot())");
            if ((ulong)(await command.ExecuteScalarAsync(Cancel))! > newest)
                return;
        }
    }

    public Task<IReadOnlyList<string>> PostsAsync(AlertRule rule) =>
        Database.TextsAsync($"SELECT post_id FROM alerts WHERE rule_id = {rule.Id} ORDER BY occurred_at, post_id");

    public Task<IReadOnlyList<string>> KeysAsync(AlertRule rule) => Database.TextsAsync($"SELECT key FROM alerts WHERE rule_id = {rule.Id} ORDER BY key");

    public async Task StoreAsync(params PostChange[] posts)
    {
        var writer = new PostWriter(Source, new HistoryPartitions(Source));
        Assert.Empty((await writer.WriteAsync(new([.. posts], []), Cancel)).Stale);
    }

    /// <summary>What housekeeping does: hours have their figures.</summary>
    public async Task CountAsync()
    {
        await using var connection = await Source.OpenConnectionAsync(Cancel);
        await PostRollup.RunAsync(connection, Cancel);
    }

    /// <param name="createdAt">Null: a minute ago. Seen at once.</param>
    public PostChange Post(
        string id, string title = "A title", string subreddit = "technology", string author = "someone", int score = 1, DateTimeOffset? createdAt = null,
        DateTimeOffset? seenAt = null, int? topic = null, string? flair = null, Purge? purge = null)
    {
        var created = createdAt ?? Now.AddMinutes(-1);
        var seen = (seenAt ?? createdAt ?? Now).ToUnixTimeMilliseconds() * 1000;
        return new()
        {
            Newest = new()
            {
                Id = id,
                Title = title,
                Subreddit = subreddit,
                Author = author,
                Flair = flair,
                CreatedUtc = created.ToUnixTimeMilliseconds() / 1e3,
                Score = score,
                NumComments = 2,
            },
            State = PostState.First(new(seen, score, 2)),
            TrendingScore = 0,
            IsTrending = false,
            Nlp = purge is null ? new(0, "neutral", []) { TopicCluster = topic, TextPrint = title.GetHashCode(StringComparison.Ordinal) } : null,
            Purge = purge,
        };
    }

    public Task<int> NoticeAsync(params SignalEvent[] events) => new SignalEventStore(Source).AddAsync(events, Cancel);

    public SignalEvent Surge(string key, double strength, string? post = null, string subreddit = "technology", DateTimeOffset? at = null) =>
        new(AlertKinds.Surge, key, post ?? key, subreddit, post, at ?? Now, strength, """{"reason":"words of the title"}""");

    public async Task<AlertBacktest> TryAsync(RuleCondition condition) => (await AlertPreview.RunAsync(Source, condition, Now, Cancel))!;

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Database.DisposeAsync();
    }
}
