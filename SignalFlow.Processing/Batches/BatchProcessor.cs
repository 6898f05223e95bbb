using System.Collections.Frozen;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using SignalFlow.Contracts;
using SignalFlow.Processing.DeadLetters;
using SignalFlow.Processing.Decoding;
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
    /// <exception cref="Npgsql.NpgsqlException">The batch was not stored; all of it may be tried again.</exception>
    /// <exception cref="KafkaException">A dead letter was not persisted; all of it may be tried again.</exception>
    public async Task ProcessAsync(IReadOnlyList<ConsumeResult<byte[], byte[]>> records, CancellationToken cancellationToken)
    {
        using var activity = BatchActivity.Start(records);
        var started = time.GetTimestamp();
        var posts = new Dictionary<string, PostObservations>(records.Count, StringComparer.Ordinal);
        var history = new List<HistoryEntry>(records.Count);
        List<(ConsumeResult<byte[], byte[]>, Poison)>? poison = null;
        var now = time.GetUtcNow();
        foreach (var record in records)
        {
            if (ObservationDecoder.TryDecode(record, now, out var observation) is { } reason)
                (poison ??= []).Add((record, reason));
            else
                Add(posts, history, observation, isKnown: record.Topic == KafkaTopics.Refresh);
        }

        metrics.Stage(Stage.Decode, time.GetElapsedTime(started));
        if (posts.Count > 0)
            await StoreAsync(posts, history, records.Count - (poison?.Count ?? 0), cancellationToken);
        if (poison is not null)
            await deadLetters.SendAsync(poison, cancellationToken);
    }

    private static void Add(Dictionary<string, PostObservations> posts, List<HistoryEntry> history, in DecodedObservation observation, bool isKnown)
    {
        ref var post = ref CollectionsMarshal.GetValueRefOrAddDefault(posts, observation.Post.Id, out var exists);
        if (exists)
            post!.Add(observation);
        else
            post = new(observation);
        post!.IsKnown |= isKnown;
        if (observation.IsObserved)
            history.Add(new(observation.Post.Id, observation.Post.Subreddit, observation.Sample, observation.Post.UpvoteRatio));
    }

    private async Task StoreAsync(
        Dictionary<string, PostObservations> posts, List<HistoryEntry> history, int records, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var known = await LoadAsync(posts, cancellationToken);
        var loaded = metrics.Stage(Stage.State, started);
        var updates = new List<PostUpdate>(posts.Count);
        foreach (var (id, observations) in posts)
            updates.Add(analysis.Update(observations.All, Known(known, id)));
        var analysed = metrics.Stage(Stage.Analyse, loaded);

        var result = await writer.WriteAsync(Batch(updates, history), cancellationToken);
        var purged = result.Purged.ToDictionary();
        ReportPurges(result);
        for (var round = 1; result.Stale is { Count: > 0 } stale; round++)
        {
            if (round > MaxRounds)
                throw new Npgsql.NpgsqlException($"{stale.Count} posts were written by others {MaxRounds} times in a row.");

            metrics.StalePosts(stale.Count);
            var stored = await writer.LoadAsync([.. stale], cancellationToken);
            updates.RemoveAll(update => stale.Contains(update.Id));
            var again = stale.Select(id => analysis.Update(posts[id].All, Known(stored, id))).ToList();
            updates.AddRange(again);
            result = await writer.WriteAsync(Batch(again, []), cancellationToken);
            foreach (var (id, purge) in result.Purged)
                purged[id] = purge;
            ReportPurges(result);
        }

        var written = metrics.Stage(Stage.Write, analysed);
        metrics.BatchStored(time.GetElapsedTime(started), records);
        Announce(updates, purged);
        metrics.Stage(Stage.Publish, written);
    }

    /// <summary>After the commit. Repeats are announced too: a crash may have come between a commit and its announcement.</summary>
    private void Announce(List<PostUpdate> updates, Dictionary<string, Purge> purged)
    {
        cache.Set(updates);
        var now = time.GetUtcNow();
        var views = new List<PostView>(updates.Count);
        foreach (var update in updates)
        {
            if (update.IsObserved)
                metrics.EndToEnd(now - PostWriter.ToDateTime(update.State.Last.At));
            views.Add(update.ToView(now, purged.TryGetValue(update.Id, out var purge) ? purge : null));
        }

        live.Publish(views);
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

    /// <summary>
    /// Posts that only their first observation names are taken for new without asking: if one is not, the writer's guard refuses it and
    /// it comes back as stale.
    /// </summary>
    private async Task<IReadOnlyDictionary<string, KnownPost>> LoadAsync(
        Dictionary<string, PostObservations> posts, CancellationToken cancellationToken)
    {
        var ids = new List<string>(posts.Count);
        foreach (var (id, observations) in posts)
        {
            if (observations.IsKnown)
                ids.Add(id);
        }

        if (ids.Count == 0)
            return FrozenDictionary<string, KnownPost>.Empty;

        var known = await cache.GetAsync([.. ids]);
        if (known.Count < ids.Count)
        {
            ids.RemoveAll(known.ContainsKey);
            foreach (var (id, post) in await writer.LoadAsync([.. ids], cancellationToken))
                known.Add(id, post);
        }

        return known;
    }

    private static KnownPost? Known(IReadOnlyDictionary<string, KnownPost> known, string id) =>
        known.TryGetValue(id, out var post) ? post : null;

    private static PostBatch Batch(List<PostUpdate> updates, List<HistoryEntry> history)
    {
        var changes = new List<PostChange>(updates.Count);
        List<string>? unchanged = null;
        foreach (var update in updates)
        {
            if (update.Change is { } change)
                changes.Add(change);
            else
                (unchanged ??= []).Add(update.Id);
        }

        // A repeat is announced, and must not be announced with the content of a post that has been purged since.
        return new(changes, history) { Unchanged = (IReadOnlyList<string>?)unchanged ?? [] };
    }

    [LoggerMessage(LogLevel.Information, "Purged the content of {Posts} posts that Reddit has removed")]
    private partial void LogPurged(int posts);
}
