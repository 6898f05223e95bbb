using System.Collections.Frozen;
using System.Diagnostics;
using Confluent.Kafka;
using SignalFlow.Contracts;
using SignalFlow.Processing.DeadLetters;
using SignalFlow.Processing.Decoding;
using SignalFlow.Processing.Failures;
using SignalFlow.Processing.Live;
using SignalFlow.Processing.Surge;
using SignalFlow.Processing.Velocity;
using SignalFlow.Storage.DeadLetters;
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
    SurgeBaselines baselines,
    DeadLetterQueue deadLetters,
    DeadLetterStore letters,
    DeadLetterEventMetrics letterMetrics,
    LivePublisher live,
    ProcessingMetrics metrics,
    TimeProvider time,
    ILogger<BatchProcessor> logger)
{
    // Another writer would have to win the same post over and over.
    private const int MaxRounds = 5;

    /// <summary>
    /// Does all that can be done while an earlier batch is being written: decodes the records on the caller's thread, then asks for the
    /// states of their posts and analyses them.
    /// </summary>
    /// <exception cref="Npgsql.NpgsqlException">The cache did not know all states, and the database did not answer.</exception>
    public async Task<PreparedBatch> PrepareAsync(IReadOnlyList<ConsumeResult<byte[], byte[]>> records, CancellationToken cancellationToken)
    {
        var activity = BatchActivity.Start(records);
        try
        {
            return await PrepareAsync(new PreparedBatch(records) { Activity = activity }, cancellationToken);
        }
        catch (Exception exception)
        {
            BatchActivity.Fail(activity, exception);
            throw;
        }
    }

    /// <summary>It is not stored: its records are prepared again, with others or without some.</summary>
    public static async Task DiscardAsync(Task<PreparedBatch> batch)
    {
        await ((Task)batch).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (batch.IsCompletedSuccessfully)
            (await batch).Activity?.Dispose();
    }

    private async Task<PreparedBatch> PrepareAsync(PreparedBatch batch, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        using (BatchActivity.Begin(Stage.Decode))
            Decode(batch);
        var decoded = metrics.Stage(Stage.Decode, started);
        IReadOnlyDictionary<string, KnownPost> known;
        using (BatchActivity.Begin(Stage.State))
        {
            await baselines.EnsureAsync(batch.History.Select(entry => entry.Sample.At), cancellationToken);
            known = await LoadAsync(batch.Posts, cancellationToken);
        }

        var loaded = metrics.Stage(Stage.State, decoded);
        using (BatchActivity.Begin(Stage.Analyse))
        {
            foreach (var (id, post) in batch.Posts)
                post.Update = analysis.Update(post.All, Known(known, id));
        }

        metrics.Stage(Stage.Analyse, loaded);
        return batch;
    }

    private void Decode(PreparedBatch batch)
    {
        var now = time.GetUtcNow();
        foreach (var record in batch.Records)
        {
            if (ObservationDecoder.TryDecode(record, now, out var observation) is { } reason)
                batch.Poison.Add((record, reason));
            else
                batch.Add(record, observation);
        }
    }

    /// <summary>Returns when everything the records mean is durable.</summary>
    /// <param name="prepared">The batch.</param>
    /// <param name="previous">What was stored since the preparation began: its states count, not those that were asked for meanwhile.</param>
    /// <param name="cancellationToken">Gives up; then nothing is known of what is stored.</param>
    /// <exception cref="Npgsql.NpgsqlException">The batch was not stored, or not all of it; all of it may be tried again.</exception>
    /// <exception cref="KafkaException">A dead letter was not persisted; all of it may be tried again.</exception>
    public async Task<StoredBatch> StoreAsync(Task<PreparedBatch> prepared, StoredBatch? previous, CancellationToken cancellationToken)
    {
        var batch = await prepared;
        if (batch.Activity is { } activity)
            Activity.Current = activity;
        try
        {
            return await StoreAsync(batch, previous, cancellationToken);
        }
        catch (Exception exception)
        {
            BatchActivity.Fail(batch.Activity, exception);
            throw;
        }
    }

    private async Task<StoredBatch> StoreAsync(PreparedBatch batch, StoredBatch? previous, CancellationToken cancellationToken)
    {
        if (previous is not null)
            Follow(batch, previous);
        var stored = new StoredBatch([], []) { Activity = batch.Activity };
        // The first attempt is the whole batch.
        var refused = await Bisection.StoreAsync(
            batch.Decoded.Count,
            async (first, count) => await StorePostsAsync(
                count == batch.Decoded.Count ? batch : await PrepareAsync(new PreparedBatch(batch.Decoded.GetRange(first, count)), cancellationToken),
                stored,
                cancellationToken));
        foreach (var (index, refusal) in refused)
            batch.Poison.Add((batch.Decoded[index], Poison.Of(refusal)));
        if (batch.Poison.Count > 0)
            await deadLetters.SendAsync(batch.Poison, cancellationToken);
        // Before the offsets: after a crash in between the records come again, and settle their letters then.
        if (ReplayedLetter.Stored(batch.Records, batch.Poison) is { Count: > 0 } replays)
            await ResolveAsync(replays, cancellationToken);
        return stored;
    }

    private async Task ResolveAsync(List<StoredReplay> replays, CancellationToken cancellationToken)
    {
        var resolved = await letters.ResolveAsync(replays, cancellationToken);
        letterMetrics.ReplayEnded(DeadLetterStates.Resolved, resolved);
        LogResolved(resolved);
    }

    /// <summary>
    /// After the commit: tells the cache, before the states of a later batch are asked for, and the viewers. Repeats are announced too: a
    /// crash may have come between a commit and its announcement.
    /// </summary>
    public void Announce(StoredBatch batch)
    {
        using var activity = batch.Activity;
        if (activity is not null)
            Activity.Current = activity;
        using var publishing = BatchActivity.Begin(Stage.Publish);
        var started = time.GetTimestamp();
        cache.Set(batch.Updates);
        var now = time.GetUtcNow();
        var views = new List<PostView>(batch.Updates.Count);
        foreach (var update in batch.Updates)
        {
            if (update.IsObserved)
                metrics.EndToEnd(now - PostWriter.ToDateTime(update.State.Last.At));
            views.Add(update.ToView(now, batch.Purged.TryGetValue(update.Id, out var purge) ? purge : null));
        }

        live.Publish(views, batch.CommittedAt ?? now);
        metrics.Stage(Stage.Publish, started);
    }

    private void Follow(PreparedBatch batch, StoredBatch previous)
    {
        foreach (var earlier in previous.Updates)
        {
            if (batch.Posts.TryGetValue(earlier.Id, out var post))
                post.Update = analysis.Update(post.All, new KnownPost(earlier.State, earlier.Nlp, earlier.Surge?.Known));
        }
    }

    private async Task StorePostsAsync(PreparedBatch batch, StoredBatch stored, CancellationToken cancellationToken)
    {
        using var activity = BatchActivity.Begin(Stage.Write);
        var started = time.GetTimestamp();
        var updates = new List<PostUpdate>(batch.Posts.Count);
        foreach (var post in batch.Posts.Values)
            updates.Add(post.Update!);

        var result = await writer.WriteAsync(Batch(updates, batch.History), cancellationToken);
        stored.Committed(time.GetUtcNow());
        stored.Purge(result.Purged);
        ReportPurges(result);
        for (var round = 1; result.Stale is { Count: > 0 } stale; round++)
        {
            if (round > MaxRounds)
                throw new Npgsql.NpgsqlException($"{stale.Count} posts were written by others {MaxRounds} times in a row.");

            metrics.StalePosts(stale.Count);
            var current = await writer.LoadAsync([.. stale], cancellationToken);
            updates.RemoveAll(update => stale.Contains(update.Id));
            var again = stale.Select(id => analysis.Update(batch.Posts[id].All, Known(current, id))).ToList();
            updates.AddRange(again);
            result = await writer.WriteAsync(Batch(again, []), cancellationToken);
            stored.Purge(result.Purged);
            ReportPurges(result);
        }

        metrics.Stage(Stage.Write, started);
        metrics.BatchStored(time.GetElapsedTime(started), batch.Decoded.Count);
        stored.Updates.AddRange(updates);
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
        // An entry without a signal is of a post whose signal had to be found anew: meanwhile it is stored.
        ids.RemoveAll(id => known.TryGetValue(id, out var post) && post.Surge is not null);
        if (ids.Count > 0)
        {
            foreach (var (id, post) in await writer.LoadAsync([.. ids], cancellationToken))
                known[id] = post;
        }

        return known;
    }

    private static KnownPost? Known(IReadOnlyDictionary<string, KnownPost> known, string id) =>
        known.TryGetValue(id, out var post) ? post : null;

    private static PostBatch Batch(List<PostUpdate> updates, List<HistoryEntry> history)
    {
        var changes = new List<PostChange>(updates.Count);
        var surges = new List<SurgeChange>(updates.Count);
        var late = new List<string>();
        List<string>? unchanged = null;
        foreach (var update in updates)
        {
            if (update.Change is { } change)
                changes.Add(change);
            else
                (unchanged ??= []).Add(update.Id);
            if (update.Surge?.Change is { } surge)
                surges.Add(surge);
            if (update.Surge is { IsLate: true })
                late.Add(update.Id);
        }

        // A repeat is announced, and must not be announced with the content of a post that has been purged since.
        return new(changes, history) { Unchanged = (IReadOnlyList<string>?)unchanged ?? [], Surges = surges, LateSurges = late };
    }

    [LoggerMessage(LogLevel.Information, "Stored the records of {Letters} dead letters that were replayed")]
    private partial void LogResolved(int letters);

    [LoggerMessage(LogLevel.Information, "Purged the content of {Posts} posts that Reddit has removed")]
    private partial void LogPurged(int posts);
}
