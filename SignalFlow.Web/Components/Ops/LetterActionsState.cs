using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Ops;

/// <summary>What the buttons of the inbox act on.</summary>
public sealed class LetterActionsState
{
    internal LetterActionsState(LetterOperation operation, IReadOnlyCollection<long> selected, DeadLetterConditions? conditions, CancellationToken closing) =>
        (Operation, Selected, Conditions, Closing) = (operation, selected, conditions, closing);

    internal LetterOperation Operation { get; }

    internal IReadOnlyCollection<long> Selected { get; }

    /// <summary>Of the filter; null: there is none.</summary>
    internal DeadLetterConditions? Conditions { get; }

    internal CancellationToken Closing { get; }
}
