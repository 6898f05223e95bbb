namespace SignalFlow.Storage.Posts;

/// <summary>A row of <c>post_surge</c>. Instants are microseconds since the Unix epoch, 0 where there is none.</summary>
public sealed record SurgeChange
{
    public required string PostId { get; init; }

    /// <summary>Of the newest observation in <see cref="State"/>.</summary>
    public required long ObservedAt { get; init; }

    /// <summary>How many observations <see cref="State"/> is made of.</summary>
    public required int Folded { get; init; }

    /// <summary>What the next observation continues; its form is the fold's own business.</summary>
    public required byte[] State { get; init; }

    /// <summary><see cref="ObservedAt"/> of the state that was continued; null: this is the first.</summary>
    public long? BaseAt { get; init; }

    /// <summary><see cref="Folded"/> of the state that was continued.</summary>
    public int BaseFolded { get; init; }

    public required short Phase { get; init; }

    public required long PhaseSince { get; init; }

    public required long EmergedAt { get; init; }

    public required long TrendedAt { get; init; }

    /// <summary>0 to 100.</summary>
    public required double Surge { get; init; }

    public required double Level { get; init; }

    public required double Discussion { get; init; }

    public required double Burst { get; init; }

    public required double TimesTypical { get; init; }

    /// <summary>Points.</summary>
    public required int Gain { get; init; }

    public required double WindowMinutes { get; init; }

    /// <summary>Points at a day of age: 10 %, 50 % and 90 % quantile.</summary>
    public required (double Low, double Median, double High)? Forecast { get; init; }

    /// <summary>0 to 1; null where it is not known.</summary>
    public required double? Chance { get; init; }

    public required double AgeMinutes { get; init; }

    public required int BaselinePosts { get; init; }

    public required int PeakScore { get; init; }

    /// <summary>Points per minute.</summary>
    public required double PeakVelocity { get; init; }

    public required string Subreddit { get; init; }

    /// <summary>The first times that the post emerged and trended, as far as they are in what was folded.</summary>
    public IReadOnlyList<SurgeStart> Starts { get; init; } = [];
}

/// <summary>The observation with which a post emerged or began to trend, for the first time.</summary>
/// <param name="Phase">Name of the phase.</param>
/// <param name="At">Microseconds since the Unix epoch.</param>
/// <param name="TimesTypical">The score as a multiple of the typical one.</param>
/// <param name="Detail">JSON: the numbers of the signal.</param>
public sealed record SurgeStart(string Phase, long At, double TimesTypical, string Detail);

/// <summary>What is stored of a post's signal, as far as the next observation needs it.</summary>
/// <param name="Folded">How many observations <paramref name="State"/> is made of.</param>
/// <param name="State">As it was written.</param>
public sealed record KnownSurge(int Folded, byte[] State);
