using SignalFlow.Contracts;
using SignalFlow.Web.Components.Feed;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Ops;

internal enum LetterAction
{
    Replay,
    Discard,
}

internal enum OperationStage
{
    Idle,
    Counting,

    /// <summary>Counted; somebody has to say yes.</summary>
    Asking,
    Running,
}

/// <summary>Letters to do something with.</summary>
/// <param name="Ids">Null: all that the conditions let through.</param>
/// <param name="Conditions">Null: all there are.</param>
/// <param name="Force">Parked ones, too; only with <paramref name="Ids"/>.</param>
internal sealed record LetterSelection(IReadOnlyList<long>? Ids, DeadLetterConditions? Conditions = null, bool Force = false);

/// <summary>Counts what would be replayed or discarded, asks, and does it chunk by chunk. One at a time: who clicks twice starts one.</summary>
/// <param name="api">The API.</param>
/// <param name="changed">Called whenever there is something new to show.</param>
internal sealed class LetterOperation(ApiClient api, Action changed)
{
    // Read by the API and thrown away: without a reason it does not even count.
    private const string CountOnly = "count";

    private LetterSelection _selection = new([]);
    private bool _isStopping;

    public LetterAction Action { get; private set; }

    public OperationStage Stage { get; private set; }

    /// <summary>That the action can be done to, when it was counted.</summary>
    public long Ready { get; private set; }

    public long Matched { get; private set; }

    public long Done { get; private set; }

    public IReadOnlyDictionary<string, long> Skipped { get; private set; } = new Dictionary<string, long>();

    /// <summary>How the last one ended; empty while one is under way.</summary>
    public string Outcome { get; private set; } = "";

    public bool HasFailed { get; private set; }

    public bool IsBusy => Stage is OperationStage.Counting or OperationStage.Running;

    /// <summary>Changes nothing: says how many it would be.</summary>
    public async Task CountAsync(LetterAction action, LetterSelection selection, CancellationToken cancellationToken)
    {
        if (IsBusy)
            return;
        (Action, _selection, Stage, Outcome, HasFailed) = (action, selection, OperationStage.Counting, "", false);
        changed();
        try
        {
            await SendAsync(reason: CountOnly, dryRun: true, next: null, cancellationToken);
            Stage = OperationStage.Asking;
        }
        catch (Exception exception) when (ApiClient.IsAway(exception) && !cancellationToken.IsCancellationRequested)
        {
            Fail(exception);
        }

        changed();
    }

    public void Cancel()
    {
        if (Stage == OperationStage.Asking)
            Stage = OperationStage.Idle;
        // What has been sent stays sent; the rest is left.
        _isStopping = true;
    }

    /// <summary>Replays without a question: one letter is a click away from being looked at again.</summary>
    public Task RunAsync(LetterSelection selection, CancellationToken cancellationToken)
    {
        if (IsBusy)
            return Task.CompletedTask;
        (Action, _selection) = (LetterAction.Replay, selection);
        (Matched, Ready) = (selection.Ids!.Count, selection.Ids.Count);
        return RunAsync(reason: null, cancellationToken);
    }

    /// <param name="reason">Of discarding.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task RunAsync(string? reason, CancellationToken cancellationToken)
    {
        if (IsBusy)
            return;
        (Stage, Done, Outcome, HasFailed, _isStopping) = (OperationStage.Running, 0, "", false, false);
        changed();
        try
        {
            string? next = null;
            do
            {
                next = await SendAsync(reason, dryRun: false, next, cancellationToken);
                changed();
            }
            while (next is not null && !_isStopping);
            Stage = OperationStage.Idle;
            Outcome = Sentence(isWhole: next is null);
        }
        catch (Exception exception) when (ApiClient.IsAway(exception) && !cancellationToken.IsCancellationRequested)
        {
            Fail(exception);
        }

        changed();
    }

    private async Task<string?> SendAsync(string? reason, bool dryRun, string? next, CancellationToken cancellationToken)
    {
        if (Action == LetterAction.Replay)
        {
            var replay = await api.ReplayDeadLettersAsync(
                new()
                {
                    Ids = _selection.Ids,
                    Filter = _selection.Conditions,
                    All = _selection is { Ids: null, Conditions: null },
                    Force = _selection.Force,
                    DryRun = dryRun,
                    Continue = next,
                },
                cancellationToken);
            Take(replay.Replayed, replay.Matched, replay.Remaining, replay.Skipped, dryRun, isFirst: next is null);
            return replay.Continue;
        }

        var discard = await api.DiscardDeadLettersAsync(
            new() { Ids = _selection.Ids, Filter = _selection.Conditions, Reason = reason, DryRun = dryRun, Continue = next }, cancellationToken);
        Take(discard.Discarded, discard.Matched, discard.Remaining, discard.Skipped, dryRun, isFirst: next is null);
        return discard.Continue;
    }

    private void Take(long done, long matched, long remaining, IReadOnlyDictionary<string, long> skipped, bool dryRun, bool isFirst)
    {
        Done = dryRun ? 0 : Done + done;
        // Later answers are about the rest only.
        if (!isFirst)
            return;
        (Matched, Skipped) = (matched, skipped);
        Ready = dryRun ? remaining : done + remaining;
    }

    private string Sentence(bool isWhole)
    {
        var done = $"{Figures.Exact(Done)} {(Done == 1 ? "dead letter" : "dead letters")} {(Action == LetterAction.Replay ? "replayed" : "discarded")}.";
        if (!isWhole)
            return $"{done} Stopped; {Figures.Exact(Math.Max(0, Ready - Done))} are left.";
        return Skipped.Count == 0 ? done : $"{done} Left as they are: {LetterWords.Skipped(Skipped)}.";
    }

    private void Fail(Exception exception)
    {
        var done = Done > 0 ? $"{Figures.Exact(Done)} were done before. " : "";
        (Stage, HasFailed) = (OperationStage.Idle, true);
        Outcome = exception is ApiException refused
            ? $"{done}{refused.Sentences}"
            : $"{done}The API does not answer; the list shows what has become of them once it does.";
    }
}
