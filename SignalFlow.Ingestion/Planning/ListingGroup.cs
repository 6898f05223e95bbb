namespace SignalFlow.Ingestion.Planning;

/// <summary>Subreddits that are polled together, as one multireddit listing <c>/r/a+b+c/new</c>. All have the same interval.</summary>
internal sealed class ListingGroup
{
    private readonly List<PolledSubreddit> _members;

    public ListingGroup(IEnumerable<PolledSubreddit> members, DateTimeOffset due)
    {
        _members = [.. members];
        Interval = _members[0].Interval;
        Rank = _members.Min(member => member.Rank);
        Due = due;
        foreach (var member in _members)
            member.Group = this;
    }

    public IReadOnlyList<PolledSubreddit> Members => _members;

    public TimeSpan Interval { get; }

    /// <summary>Lower is polled first among those that are due at the same time.</summary>
    public int Rank { get; }

    public DateTimeOffset Due { get; set; }
    public bool InFlight { get; set; }

    /// <summary>The round that is under way: one page, or several when the first does not reach known posts.</summary>
    public PollRound? Current { get; set; }

    /// <summary>Split off because something was wrong: not to be merged with others before it has answered.</summary>
    public bool Suspect { get; set; }

    public int Failures { get; set; }
    public string? Trouble { get; set; }
    public DateTimeOffset FailingSince { get; set; }

    /// <summary>The first posts of the last round's first page, by which a page from before it is recognised.</summary>
    public IReadOnlyList<string> LastTop { get; set; } = [];

    /// <summary>Its members may be distributed anew.</summary>
    public bool IsIdle => !InFlight && Current is null && Trouble is null && !Suspect && Members.All(member => member.Trouble is null);

    public void Remove(PolledSubreddit member)
    {
        _members.Remove(member);
        Current?.Waiting.Remove(member);
        member.Group = null;
    }
}

/// <summary>One reading of a listing, from its top down to what is known.</summary>
/// <param name="startedAt">When its first request was planned.</param>
/// <param name="members">Those whose known posts have not been reached yet.</param>
internal sealed class PollRound(DateTimeOffset startedAt, IReadOnlyCollection<PolledSubreddit> members)
{
    public DateTimeOffset StartedAt { get; private set; } = startedAt;

    /// <summary>None of the members has been read to the end before.</summary>
    public bool IsFirst { get; } = members.All(member => member.CoveredAt is null);

    public List<PolledSubreddit> Waiting { get; } = [.. members];

    /// <summary>The anchor of the next page, null for the first.</summary>
    public string? After { get; set; }

    /// <summary>What its pages have shown without a break.</summary>
    public HashSet<string> Ids { get; } = [];

    public int Posts { get; set; }
    public int Pages { get; set; }

    /// <summary>Posts of the first page that were not known.</summary>
    public int NewOnFirstPage { get; set; }

    /// <summary>How often its anchor had left the listing, so that reading began again from the top.</summary>
    public int Restarts { get; private set; }

    /// <summary>Creation of the oldest post read.</summary>
    public DateTimeOffset? Oldest { get; set; }

    /// <summary>New posts by subreddit.</summary>
    public Dictionary<string, int> New { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The clock was set back.</summary>
    public void StepBack(TimeSpan by) => StartedAt = StartedAt.Back(by);

    public void BeginAgain()
    {
        Ids.Clear();
        (After, Posts, Pages) = (null, 0, 0);
        Restarts++;
    }
}
