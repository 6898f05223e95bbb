using System.Diagnostics;
using Microsoft.Extensions.Options;
using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Processing.Decoding;
using SignalFlow.Processing.Keywords;
using SignalFlow.Processing.Sentiment;
using SignalFlow.Processing.Surge;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Benchmarks.Pipeline;

/// <summary>
/// What no pipeline can beat here: the same statements, prepared, with arrays that are filled beforehand, on open connections; no Kafka,
/// no Redis, no JSON, no analysis.
/// </summary>
internal static class WriteLimit
{
    private static readonly SurgeAnalysis Surge = new(_ => BaselineTable.Empty, new SurgeClock(Options.Create(new SurgeOptions())));

    public static async Task<PhaseFigures> RunAsync(LimitRequest request, PipelinePosts posts, CancellationToken cancellationToken)
    {
        var (database, refresh, messages, batchSize, writers) = request;
        await using var source = NpgsqlDataSource.Create(database);
        if (!refresh)
            await PrepareDatabaseAsync(source, posts, messages, cancellationToken);

        var flushes = new List<double>();
        var batches = new List<NpgsqlBatch>[writers];
        for (var writer = 0; writer < writers; writer++)
            batches[writer] = Batches(posts, refresh, messages, batchSize, writer, writers);
        var connections = await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => source.OpenConnectionAsync(cancellationToken).AsTask()));
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(
            async () =>
            {
                foreach (var batch in batches[writer])
                {
                    var before = Stopwatch.GetTimestamp();
                    batch.Connection = connections[writer];
                    await batch.PrepareAsync(cancellationToken);
                    await batch.ExecuteNonQueryAsync(cancellationToken);
                    lock (flushes)
                        flushes.Add(Stopwatch.GetElapsedTime(before).TotalSeconds);
                }
            },
            cancellationToken)));
        var elapsed = Stopwatch.GetElapsedTime(started);
        foreach (var connection in connections)
            await connection.DisposeAsync();
        return new() { MessagesPerSecond = messages / elapsed.TotalSeconds, Flushes = Percentiles.Of(flushes) };
    }

    private static List<NpgsqlBatch> Batches(PipelinePosts posts, bool refresh, int messages, int batchSize, int writer, int writers)
    {
        var batches = new List<NpgsqlBatch>();
        foreach (var numbers in Enumerable.Range(0, messages).Where(number => number % writers == writer).Chunk(batchSize))
        {
            var changes = numbers.Select(number => Change(posts, number, refresh)).ToList();
            var history = changes.ConvertAll(change => new HistoryEntry(
                change.Newest.Id, change.Newest.Subreddit, change.State.Last, change.Newest.UpvoteRatio));
            var batch = new NpgsqlBatch();
            var surges = numbers.Select(number => SurgeOf(posts, number, refresh)).ToList();
            foreach (var command in PostWriter.Commands(new(changes, history) { Surges = surges }))
                batch.BatchCommands.Add(command);
            batches.Add(batch);
        }

        return batches;
    }

    private static PostChange Change(PipelinePosts posts, int number, bool refresh)
    {
        var raw = posts.Raw(number);
        var newest = refresh ? posts.Refresh(number) : raw;
        var state = PostState.First(Sample(raw));
        var compound = 0.01 * (number % 100);
        return new()
        {
            Newest = newest,
            State = refresh ? state.Add(Sample(newest)) : state,
            TrendingScore = 0,
            IsTrending = false,
            // Before the clock starts: the rows are those that the pipeline writes.
            Nlp = refresh ? null : new(compound, SentimentLabel.Of(compound), KeywordExtractor.Extract(raw.Title, raw.Selftext)),
        };
    }

    private static SurgeChange SurgeOf(PipelinePosts posts, int number, bool refresh)
    {
        var raw = posts.Raw(number);
        var first = Surge.Update([new DecodedObservation(raw, Sample(raw))], known: null);
        if (!refresh)
            return first.Change!;
        var newest = posts.Refresh(number);
        return Surge.Update([new DecodedObservation(newest, Sample(newest))], new(PostState.First(Sample(raw)), Nlp: null, first.Known)).Change!;
    }

    private static async Task PrepareDatabaseAsync(NpgsqlDataSource source, PipelinePosts posts, int messages, CancellationToken cancellationToken)
    {
        await using var subreddits = source.CreateCommand("INSERT INTO subreddits (name) SELECT unnest($1) ON CONFLICT DO NOTHING");
        subreddits.Parameters.Add(new NpgsqlParameter<string[]>
        {
            TypedValue = [.. Enumerable.Range(0, messages).Select(number => posts.Raw(number).Subreddit).Distinct()],
        });
        await subreddits.ExecuteNonQueryAsync(cancellationToken);
        var day = DateOnly.FromDateTime(PostWriter.ToDateTime(Sample(posts.Raw(0)).At));
        await new HistoryPartitions(source).EnsureAsync([day], cancellationToken);
    }

    private static Sample Sample(PostObservation post) => new((long)Math.Round(post.ObservedAt!.Value * 1e6), post.Score, post.NumComments);
}

/// <param name="Database">A connection string.</param>
/// <param name="Refresh">False: the database is empty, and the posts are new.</param>
/// <param name="Messages">All together.</param>
/// <param name="BatchSize">Messages of one transaction.</param>
/// <param name="Writers">Connections.</param>
internal sealed record LimitRequest(string Database, bool Refresh, int Messages, int BatchSize, int Writers);
