namespace SignalFlow.Processing.Surge;

/// <summary>Where a post stands. The numbers are stored.</summary>
internal enum SurgePhase : byte
{
    /// <summary>Nothing out of the ordinary yet.</summary>
    New = 0,

    /// <summary>Well above what is typical for its community and age, and rising.</summary>
    Emerging = 1,

    /// <summary>Far above it, or expected to end among the best in twenty.</summary>
    Trending = 2,

    /// <summary>It has been rising more slowly than a typical post for half an hour.</summary>
    Peaked = 3,

    /// <summary>It is over: typical again, long past its peak, or removed.</summary>
    Faded = 4,
}
