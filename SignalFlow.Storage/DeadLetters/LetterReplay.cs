namespace SignalFlow.Storage.DeadLetters;

/// <summary>Which replay of which letter a record is.</summary>
/// <param name="LetterId">The row of <c>dlq_events</c>.</param>
/// <param name="Number">From 1; a letter that is taken again gets the next one.</param>
public readonly record struct LetterReplay(long LetterId, int Number);

/// <param name="Replay">What the record says of itself.</param>
/// <param name="RecordPrint">Of the record: a header alone must not settle a letter about another one.</param>
public readonly record struct StoredReplay(LetterReplay Replay, long RecordPrint);
