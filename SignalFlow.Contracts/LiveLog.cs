namespace SignalFlow.Contracts;

/// <summary>
/// Where Redis has the updates: the newest ones in a list, oldest first, and each published as it is added. The keys share a hash slot, as one script
/// writes them. A jump of <see cref="SequenceField"/> that the list does not explain says that updates were lost.
/// </summary>
public static class LiveLog
{
    /// <summary>A <see cref="LiveUpdate"/> as JSON, with its sequence.</summary>
    public const string Channel = "signalflow:posts.update";

    /// <summary>A hash of <see cref="SequenceField"/> and <see cref="BytesField"/>.</summary>
    public const string Head = "{signalflow:live}:head";

    public const string Entries = "{signalflow:live}:entries";

    /// <summary>The newest sequence. Where there is none, it starts at the time in microseconds: beyond all that a Redis that lost its data has given.</summary>
    public const string SequenceField = "sequence";

    /// <summary>Size of all entries.</summary>
    public const string BytesField = "bytes";

    /// <summary>True in the first update after others were lost: a reader that began with an empty log could not see the jump.</summary>
    public const string AfterLossField = "after_loss";

    public const int MaxEntries = 2_000;
    public const int MaxBytes = 8 << 20;
}
