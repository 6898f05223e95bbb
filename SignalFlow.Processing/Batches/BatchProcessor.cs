using Confluent.Kafka;
using SignalFlow.Processing.DeadLetters;
using SignalFlow.Processing.Decoding;
using SignalFlow.Processing.Failures;
using SignalFlow.Processing.Live;
using SignalFlow.Processing.Velocity;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Processing.Batches;

/// <summary>
/// What happens to one batch of records: decode, add to the posts' states, analyse, store in one transaction, dead-letter the poison,
/// tell the cache and the viewers. Doing it again with the same records changes nothing, in whatever order they come.
/// </summary>
internal sealed partial class BatchProcessor(
    PostWriter writer,
    VelocityCache cache,
    PostAnalysis analysis,
    DeadLetterQueue deadLetters,
    LivePublisher live,
    ProcessingMetrics metrics,
    TimeProvider time,
    ILogger<BatchProcessor> logger)
{
    // Another writer would have to win the same post over and over.
    private const int MaxRounds = 5;

    /// <summary>Returns when everything the records mean is durable, so that their offsets may be committed.</summary>
    /// <exception cref="Npgsql.NpgsqlException">The batch was not stored, or not all of it; all of it may be tried again.</exception>
    /// <exception cref="KafkaException">A dead letter was not persisted; all of it may be tried again.</exception>
    public async Task ProcessAsync(IReadOnlyList<ConsumeResult<byte[], byte[]>> records, CancellationToken cancellationToken)
    {
        using var activity = BatchActivity.Start(records);
        var observations = new List<DecodedObservation>(records.Count);
        var decoded = new List<ConsumeResult<byte[], byte[]>>(records.Count);
        List<(ConsumeResult<byte[], byte[]>, Poison)>? poison = null;
        var now = time.GetUtcNow();
        foreach (var record in records)
        {
            if (ObservationDecoder.TryDecode(record, now, out var observation) is { } reason)
            {
                (poison ??= []).Add((record, reason));
                continue;
            }

            observations.Add(observation);
            decoded.Add(record);
        }

        // The first attempt is the whole batch.
        var refused = await Bisection.StoreAsync(
            observations.Count,
            (first, count) => StoreAsync(count == observations.Count ? observations : observations.GetRange(first, count), cancellationToken));
        foreach (var (index, refusal) in refused)
            (poison ??= []).Add((decoded[index], Poison.Of(refusal)));
        if (poison is not null)
            await deadLetters.SendAsync(poison, cancellationToken);
    }

    private async Task StoreAsync(List<DecodedObservation> observations, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var posts = observations.GroupBy(observation => observation.Post.Id).ToDictionary(group => group.Key, group => group.ToArray());
        var history = observations
            .Where(observation => observation.IsObserved)
            .DistinctBy(observation => (observation.Post.Id, observation.Sample.At))
            .Select(observation => new HistoryEntry(
                observation.Post.Id, observation.Post.Subreddit, observation.Sample, observation.Post.UpvoteRatio))
            .ToArray();

        var known = await LoadStatesAsync([.. posts.Keys], cancellationToken);
        var updates = posts.Select(post => analysis.Update(post.Value, Known(known, post.Key))).ToList();
        var result = await writer.WriteAsync(Batch(updates, history), cancellationToken);
        var purged = result.Purged.ToDictionary();
        ReportPurges(result);
        for (var round = 1; result.Stale is { Count: > 0 } stale; round++)
        {
            if (round > MaxRounds)
                throw new Npgsql.NpgsqlException($"{stale.Count} posts were written by others {MaxRounds} times in a row.");

            metrics.StalePosts(stale.Count);
            var stored = await writer.LoadStatesAsync([.. stale], cancellationToken);
            updates.RemoveAll(update => stale.Contains(update.Id));
            var again = stale.Select(id => analysis.Update(posts[id], Known(stored, id))).ToList();
            updates.AddRange(again);
            result = await writer.WriteAsync(Batch(again, []), cancellationToken);
            foreach (var (id, purge) in result.Purged)
                purged[id] = purge;
            ReportPurges(result);
        }

        metrics.BatchStored(time.GetElapsedTime(started));
        Announce(updates, purged);
    }

    /// <summary>After the commit. Repeats are announced too: a crash may have come between a commit and its announcement.</summary>
    private void Announce(List<PostUpdate> updates, Dictionary<string, Purge> purged)
    {
        cache.Set(updates.Select(update => KeyValuePair.Create(update.Id, update.State)));
        var now = time.GetUtcNow();
        foreach (var update in updates.Where(update => update.IsObserved))
            metrics.EndToEnd(now - PostWriter.ToDateTime(update.State.Last.At));
        live.Publish(updates.ConvertAll(update => update.ToView(now, purged.TryGetValue(update.Id, out var purge) ? purge : null)));
    }

    private void ReportPurges(PostBatchResult result)
    {
        if (result.NewlyPurged.Count == 0)
            return;
        foreach (var reason in result.NewlyPurged)
            metrics.Purged(reason);
        // No ids: a log would outlive what it names.
        LogPurged(result.NewlyPurged.Count);
    }

    private async Task<Dictionary<string, PostState>> LoadStatesAsync(string[] ids, CancellationToken cancellationToken)
    {
        var states = await cache.GetAsync(ids);
        if (states.Count < ids.Length)
        {
            var missing = Array.FindAll(ids, id => !states.ContainsKey(id));
            foreach (var (id, state) in await writer.LoadStatesAsync(missing, cancellationToken))
                states.Add(id, state);
        }

        return states;
    }

    private static PostState? Known(IReadOnlyDictionary<string, PostState> states, string id) =>
        states.TryGetValue(id, out var state) ? state : null;

    private static PostBatch Batch(List<PostUpdate> updates, HistoryEntry[] history) =>
        new([.. updates.Where(update => update.Change is not null).Select(update => update.Change!)], history)
        {
            // A repeat is announced, and must not be announced with the content of a post that has been purged since.
            Unchanged = [.. updates.Where(update => update.Change is null).Select(update => update.Id)],
        };

    [LoggerMessage(LogLevel.Information, "Purged the content of {Posts} posts that Reddit has removed")]
    private partial void LogPurged(int posts);
}
