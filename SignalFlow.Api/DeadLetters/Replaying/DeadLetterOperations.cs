using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Options;
using SignalFlow.Api.Access;
using SignalFlow.Contracts;
using SignalFlow.Storage.Audit;
using SignalFlow.Storage.DeadLetters;

namespace SignalFlow.Api.DeadLetters.Replaying;

/// <summary>
/// Replays and discards selections of letters in chunks, each a transaction of its own with its entry in the audit log. A request stops
/// after a while and says where to go on, so no request is long and no process has to remember one.
/// </summary>
internal sealed partial class DeadLetterOperations(
    DeadLetterAdministration letters,
    ReplayMetrics metrics,
    IServiceProvider services,
    IOptions<DeadLetterOptions> options,
    TimeProvider time,
    ILogger<DeadLetterOperations> logger)
{
    // Letters are taken with their content, which may be a megabyte each.
    internal const int ReplayChunk = 200;
    internal const int DiscardChunk = 5_000;

    // With a last chunk that waits for Kafka it is still below Api:RequestTimeout.
    private static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(15);
    private static readonly IReadOnlyList<string> ReplayableTopics = [KafkaTopics.Raw, KafkaTopics.Refresh];

    public async Task<ReplayRun> ReplayAsync(SelectedLetters selected, Caller caller, CancellationToken cancellationToken)
    {
        var terms = Terms(selected.Force);
        var found = await letters.ReplayStandingAsync(selected.Selection, terms, cancellationToken);
        var run = new ReplayRun(found, selected.MissingFrom(found));
        if (selected.DryRun || found.Ready == 0)
            return run;

        if (services.GetService<ReplayPublisher>() is not { } publisher)
        {
            run.HasNoKafka = true;
            return run;
        }

        // Letters that fail meanwhile are not part of this walk, and one that fails again is behind it.
        var rest = selected.Selection with { Until = Math.Min(selected.Selection.Until, found.LastId) };
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var taken = await letters.ClaimAsync(
                rest, terms, ReplayChunk, ids => Entry(caller, "dlq.replay", selected, ids), time.GetUtcNow(), cancellationToken);
            if (taken.Count == 0)
                return run;
            // What is taken is sent or given back, whatever becomes of the request.
            var published = await publisher.SendAsync(taken);
            if (published.Unsent.Count + published.Refused.Count > 0)
                await letters.GiveBackAsync([.. published.Unsent, .. published.Refused], CancellationToken.None);
            run.Add(taken.Count, published);
            metrics.Replayed(taken.Count - published.Unsent.Count - published.Refused.Count, published.Unsent.Count, published.Refused.Count);
            LogReplayed(run.Replayed, caller.Name);
            rest = rest with { After = taken[^1].Id };
            if (published.Failure is not null)
                return run;
            if (run.Left == 0 || taken.Count < ReplayChunk)
                return run;
            var elapsed = Stopwatch.GetElapsedTime(started);
            if (elapsed > LongestRequest)
            {
                run.Rest = rest;
                return run;
            }

            var due = TimeSpan.FromSeconds(run.Replayed / (double)options.Value.ReplayRate) - elapsed;
            if (due > TimeSpan.Zero)
                await Task.Delay(due, cancellationToken);
        }
    }

    public async Task<DeadLetterDiscardResult> DiscardAsync(SelectedLetters selected, string reason, Caller caller, CancellationToken cancellationToken)
    {
        var terms = Terms(force: false);
        var found = await letters.DiscardStandingAsync(selected.Selection, terms, cancellationToken);
        var rest = selected.Selection with { Until = Math.Min(selected.Selection.Until, found.LastId) };
        var started = Stopwatch.GetTimestamp();
        var discarded = 0L;
        var isDone = selected.DryRun;
        while (!isDone && Stopwatch.GetElapsedTime(started) < LongestRequest)
        {
            var ids = await letters.DiscardAsync(
                rest, terms, reason, DiscardChunk, chunk => Entry(caller, "dlq.discard", selected, chunk, reason), time.GetUtcNow(), cancellationToken);
            discarded += ids.Count;
            metrics.Discarded(ids.Count);
            isDone = ids.Count < DiscardChunk;
            if (ids.Count > 0)
                rest = rest with { After = ids[^1] };
        }

        if (discarded > 0)
            LogDiscarded(discarded, caller.Name);
        return new()
        {
            Discarded = discarded,
            Matched = found.Total,
            Remaining = Math.Max(0, found.Ready - discarded),
            Skipped = ReplayRun.Reasons(found, selected.MissingFrom(found)),
            DryRun = selected.DryRun,
            Continue = isDone ? null : ReplayRun.Token(rest),
        };
    }

    private ReplayTerms Terms(bool force) => new(options.Value.ReplayLease, force, ReplayableTopics);

    /// <summary>Who, what, which letters: all their numbers where they were named, else how many from which to which.</summary>
    private static AuditEntry Entry(Caller caller, string action, SelectedLetters selected, IReadOnlyList<long> ids, string? reason = null)
    {
        var entry = new LetterAudit
        {
            Letters = ids.Count,
            First = ids[0],
            Last = ids[^1],
            Ids = selected.Selection.Ids is null ? null : ids,
            Filter = selected.Filter,
            Force = selected.Force ? true : null,
            Reason = reason,
        };
        return caller.Audit(
            action, ids.Count == 1 ? $"dlq:{ids[0]}" : "dlq", null, JsonSerializer.Serialize(entry, DeadLetterJsonContext.Default.LetterAudit));
    }

    [LoggerMessage(LogLevel.Information, "Replayed {Letters} dead letters for {Caller}")]
    private partial void LogReplayed(long letters, string caller);

    [LoggerMessage(LogLevel.Information, "Discarded {Letters} dead letters for {Caller}")]
    private partial void LogDiscarded(long letters, string caller);
}
