using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace SignalFlow.Benchmarks.Crash;

/// <summary>
/// The same stream twice: through a process that nobody disturbs, and through one that is killed again and again in full flow. Both
/// databases must hold the same, and every poison must be among the dead letters.
/// </summary>
internal sealed class CrashRun
{
    // Small, so that a process is killed in the middle of many batches rather than of few.
    private const int BatchSize = 50;
    private const int Chunk = 20;
    private const int UndisturbedBatchSize = 500;

    private static readonly TimeSpan ChunkInterval = TimeSpan.FromMilliseconds(20);

    private readonly Dictionary<KillMoment, int> _moments = [];
    private int _inTransaction;
    private int _lateMoments;
    private int _ended;

    public required int Kills { get; init; }
    public required int Messages { get; init; }
    public required int Consumers { get; init; }
    public required int Seed { get; init; }
    public required TextWriter Output { get; init; }

    /// <param name="createDatabaseAsync">Makes an empty database and returns its connection string.</param>
    /// <exception cref="TimeoutException">A process stands still, or has ended by itself.</exception>
    public async Task<CrashReport> RunAsync(Func<Task<string>> createDatabaseAsync, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var stream = CrashStream.Create(Messages, Seed);
        Line($"{Messages} messages of {stream.Posts} posts, {stream.Observations} different observations, {stream.Poison} that are none; seed {Seed}");
        var undisturbed = await createDatabaseAsync();
        var expectedLetters = await UndisturbedAsync(undisturbed, stream, cancellationToken);
        Line($"undisturbed run: {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");

        var disturbed = await createDatabaseAsync();
        using var servers = await StreamServers.StartAsync(disturbed, cancellationToken);
        await DisturbAsync(servers, disturbed, stream, cancellationToken);

        var expected = await RowsAsync(undisturbed, cancellationToken);
        var actual = await RowsAsync(disturbed, cancellationToken);
        var letters = servers.DeadLetterSources(cancellationToken);
        return new()
        {
            Kills = Kills,
            Messages = Messages,
            Consumers = Consumers,
            Seed = Seed,
            Posts = actual[StoredRows.Posts].Count,
            PostsExpected = stream.Posts,
            History = actual[StoredRows.History].Count,
            HistoryExpected = stream.Observations,
            Features = actual[StoredRows.Features].Count,
            Poison = stream.Poison,
            Letters = letters.Count,
            DlqMissing = expectedLetters.Except(letters).Count() + Math.Abs(stream.Poison - actual[StoredRows.DeadLetters].Count),
            DlqUnexpected = letters.Except(expectedLetters).Count(),
            Evicted = servers.Lag.Evicted(),
            KillsInTransaction = _inTransaction,
            EndedByThemselves = _ended,
            Differing = StoredRows.Differences(expected, actual),
            Seconds = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds),
        };
    }

    /// <returns>The positions of the poison. They are the same in every run, as the order within each partition is.</returns>
    private async Task<IReadOnlySet<string>> UndisturbedAsync(string database, CrashStream stream, CancellationToken cancellationToken)
    {
        using var servers = await StreamServers.StartAsync(database, cancellationToken);
        using var process = ProcessingProcess.Start(servers.Settings(consumers: 1, UndisturbedBatchSize));
        await servers.ProduceAsync(stream.Messages, cancellationToken);
        await servers.ReadToEndAsync(process, cancellationToken);
        await process.KillAsync();
        return servers.DeadLetterSources(cancellationToken).ToHashSet();
    }

    private async Task DisturbAsync(StreamServers servers, string database, CrashStream stream, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(database);
        var moments = new KillMoments(new Random(Seed), source, servers.Lag);
        var settings = servers.Settings(Consumers, BatchSize);
        var slice = (stream.Messages.Count + Kills) / (Kills + 1);
        var slices = stream.Messages.Chunk(slice).ToArray();
        for (var kill = 1; kill <= Kills; kill++)
        {
            using var process = ProcessingProcess.Start(settings);
            using var killed = new CancellationTokenSource();
            var feeding = FeedAsync(servers, slices[kill - 1], killed.Token, cancellationToken);
            var moment = moments.Next();
            if (!await moments.WaitAsync(moment, cancellationToken))
                _lateMoments++;
            var inTransaction = await moments.IsInTransactionAsync(cancellationToken);
            if (process.HasExited)
            {
                _ended++;
                Line($"processing ended by itself with code {process.ExitCode}:\n{process.Output}");
            }

            await process.KillAsync();
            await killed.CancelAsync();
            await feeding;
            Count(moment, inTransaction);
            Line($"kill {kill}: {moment}{(inTransaction ? ", in a transaction" : "")}; {servers.Lag.Records()} records uncommitted");
        }

        Line($"{string.Join(", ", _moments.Select(count => $"{count.Value} {count.Key}"))}; {_inTransaction} in a transaction, {_lateMoments} moments did not come in time");
        using var last = ProcessingProcess.Start(settings);
        foreach (var rest in slices.Skip(Kills))
            await servers.ProduceAsync(rest, cancellationToken);
        await servers.ReadToEndAsync(last, cancellationToken);
        await last.KillAsync();
    }

    /// <summary>Half at once, so that the process finds work when it has joined; the rest little by little, all of it when the process is dead.</summary>
    private static async Task FeedAsync(StreamServers servers, StreamMessage[] messages, CancellationToken killed, CancellationToken cancellationToken)
    {
        var half = messages.Length / 2;
        await servers.ProduceAsync(messages.Take(half), cancellationToken);
        foreach (var chunk in messages.Skip(half).Chunk(Chunk))
        {
            await servers.ProduceAsync(chunk, cancellationToken);
            if (!killed.IsCancellationRequested)
                await Task.Delay(ChunkInterval, cancellationToken);
        }
    }

    private static async Task<IReadOnlyDictionary<string, SortedDictionary<string, string>>> RowsAsync(string database, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(database);
        return await StoredRows.ReadAsync(source, cancellationToken);
    }

    private void Count(KillMoment moment, bool inTransaction)
    {
        _moments[moment] = _moments.GetValueOrDefault(moment) + 1;
        if (inTransaction)
            _inTransaction++;
    }

    private void Line(FormattableString text) => Output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
