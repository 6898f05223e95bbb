namespace SignalFlow.Contracts;

/// <summary>How the removal of a post from Reddit is told. Its content must then be purged, while its counters may stay.</summary>
public static class PostRemoval
{
    /// <summary>Stands where the title was.</summary>
    public const string Placeholder = "[deleted]";

    /// <summary>Text or title say <c>[deleted]</c> or <c>[removed]</c>, and Reddit gives no category.</summary>
    public const string Deleted = "deleted";

    /// <summary>
    /// <c>/api/info</c> has left the post out in successive answers. The counters of the message are then the last known ones, not a new
    /// observation.
    /// </summary>
    public const string Absent = "absent";
}
