using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Ingestion.Planning;

/// <summary>The subreddits of this shard, how they are packed into listings, and when each listing is to be polled.</summary>
internal sealed class PollSchedule(IngestionOptions options, Cadence cadence)
{
    /// <summary>
    /// New posts to be expected of a listing in one round. A page holds 100: the rest is for bursts, and for the overlap that shows where
    /// known posts begin.
    /// </summary>
    private const double ExpectedPerPage = 40;

    /// <summary>Of the names in an address, which must stay below 2,000 characters as a whole.</summary>
    private const int LongestNames = 1_800;

    /// <summary>A listing that was refused is halved until few enough are left to ask for each alone.</summary>
    private const int FewEnough = 4;

    private readonly Dictionary<string, PolledSubreddit> _subreddits = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ListingGroup> _groups = [];
    private DateTimeOffset _packAt = DateTimeOffset.MinValue;

    public IReadOnlyCollection<PolledSubreddit> Subreddits => _subreddits.Values;

    public IReadOnlyList<ListingGroup> Groups => _groups;

    /// <summary>Whether posts of this subreddit are this shard's business, polled or not.</summary>
    public bool IsMine(string subreddit) => Shards.Of(subreddit, options.ShardCount) == options.ShardId;

    public PolledSubreddit? Find(string subreddit) => _subreddits.GetValueOrDefault(subreddit);

    /// <summary>Takes over the active subreddits: new ones are due at once, the others keep their state.</summary>
    public (int Added, int Removed) Configure(IReadOnlyList<SubredditConfig> active, DateTimeOffset now)
    {
        var gone = _subreddits.Keys.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var added = 0;
        foreach (var config in active)
        {
            if (!IsMine(config.Name))
                continue;
            gone.Remove(config.Name);
            if (!_subreddits.TryGetValue(config.Name, out var subreddit))
            {
                _subreddits.Add(config.Name, new PolledSubreddit(config, cadence, now));
                added++;
            }
            else if (subreddit.Config != config)
            {
                subreddit.Reconfigure(config);
                Release(subreddit);
            }
        }

        foreach (var name in gone)
        {
            if (_subreddits.Remove(name, out var subreddit))
                Release(subreddit);
        }

        if (_subreddits.Values.Any(subreddit => subreddit.Group is null))
            _packAt = now;
        return (added, gone.Count);
    }

    /// <summary>
    /// Among the listings without a request under way the one that is latest, measured by its interval, or else the one that is due first.
    /// </summary>
    public ListingGroup? Next(DateTimeOffset now)
    {
        if (now >= _packAt)
            Pack(now);
        ListingGroup? next = null;
        foreach (var group in _groups)
        {
            if (!group.InFlight && (next is null || Urgency(group, now).CompareTo(Urgency(next, now)) > 0))
                next = group;
        }

        return next;
    }

    /// <summary>
    /// When a listing is due after a round. The second round comes early by up to half the
    /// interval, by a different part for each: otherwise all would stay as close together as they started.
    /// </summary>
    public static DateTimeOffset DueAfter(ListingGroup group, PollRound round)
    {
        var share = round.IsFirst ? 0.5 + (Shards.Hash(group.Members[0].Name) & 0xFFFF) / 131_072.0 : 1;
        return round.StartedAt + group.Interval * share;
    }

    /// <summary>
    /// Replaces a listing by smaller ones. An overfull one is halved by what is expected of its members. One that was refused is halved
    /// until the member at fault is alone.
    /// </summary>
    public void Split(ListingGroup group, DateTimeOffset due, bool suspect)
    {
        _groups.Remove(group);
        var parts = suspect && group.Members.Count <= FewEnough ? group.Members.Count : 2;
        foreach (var members in Balance(group.Members, parts))
            _groups.Add(new ListingGroup(members, due) { Suspect = suspect });
    }

    /// <summary>Polls a member alone, at once; the next packing takes it back when all is well.</summary>
    public void Isolate(PolledSubreddit member, DateTimeOffset now)
    {
        if (member.Group is { Members.Count: 1 } alone)
        {
            alone.Due = now < alone.Due ? now : alone.Due;
            return;
        }

        Release(member);
        _groups.Add(new ListingGroup([member], now) { Suspect = true });
    }

    /// <summary>The clock was set back.</summary>
    public void StepBack(TimeSpan by)
    {
        _packAt = _packAt.Back(by);
        foreach (var group in _groups)
        {
            (group.Due, group.FailingSince) = (group.Due.Back(by), group.FailingSince.Back(by));
            group.Current?.StepBack(by);
        }
    }

    /// <summary>Load of the polls as they are packed now, in requests per hour.</summary>
    public double RequestsPerHour => _groups.Sum(group => 1 / group.Interval.TotalHours);

    // When the quota is not enough, a minute's delay is worse for who is polled every minute than for who is every ten.
    private static (double Lateness, double Soonness, int Rank) Urgency(ListingGroup group, DateTimeOffset now) =>
        (Math.Max(0, (now - group.Due) / group.Interval), (now - group.Due).Ticks, -group.Rank);

    private void Release(PolledSubreddit subreddit)
    {
        if (subreddit.Group is not { } group)
            return;
        group.Remove(subreddit);
        if (group.Members.Count == 0)
            _groups.Remove(group);
    }

    /// <summary>Distributes all subreddits whose listings are idle by first-fit decreasing, each tier and interval for itself.</summary>
    private void Pack(DateTimeOffset now)
    {
        _packAt = now + cadence.PackingInterval;
        var dueOf = new Dictionary<PolledSubreddit, DateTimeOffset>();
        foreach (var group in _groups.Where(group => group.IsIdle))
        {
            foreach (var member in group.Members)
                dueOf.Add(member, group.Due);
        }

        _groups.RemoveAll(group => group.IsIdle);
        foreach (var subreddit in _subreddits.Values.Where(subreddit => subreddit.Group is null))
            dueOf.Add(subreddit, subreddit.CoveredAt + subreddit.Interval ?? now);

        foreach (var tier in dueOf.Keys.GroupBy(subreddit => (subreddit.Rank, subreddit.Interval)).OrderBy(tier => tier.Key))
        {
            foreach (var members in FirstFit(tier))
                _groups.Add(new ListingGroup(members, members.Min(member => dueOf[member])));
        }
    }

    private static List<List<PolledSubreddit>> FirstFit(IEnumerable<PolledSubreddit> subreddits)
    {
        var bins = new List<(List<PolledSubreddit> Members, double Expected, int Length)>();
        foreach (var subreddit in ByLoad(subreddits))
        {
            var (expected, length) = (subreddit.ExpectedPerRound, subreddit.Name.Length + 1);
            var fit = bins.FindIndex(bin => bin.Expected + expected <= ExpectedPerPage && bin.Length + length <= LongestNames);
            if (fit < 0)
            {
                bins.Add(([subreddit], expected, length));
                continue;
            }

            bins[fit].Members.Add(subreddit);
            bins[fit] = (bins[fit].Members, bins[fit].Expected + expected, bins[fit].Length + length);
        }

        return bins.ConvertAll(bin => bin.Members);
    }

    private static List<PolledSubreddit>[] Balance(IEnumerable<PolledSubreddit> members, int count)
    {
        var parts = new (List<PolledSubreddit> Members, double Expected)[count];
        for (var i = 0; i < count; i++)
            parts[i].Members = [];
        foreach (var member in ByLoad(members))
        {
            ref var lightest = ref parts[0];
            foreach (ref var part in parts.AsSpan())
            {
                // By number where nothing is expected of anyone.
                if ((part.Expected, part.Members.Count).CompareTo((lightest.Expected, lightest.Members.Count)) < 0)
                    lightest = ref part;
            }

            lightest.Members.Add(member);
            lightest.Expected += member.ExpectedPerRound;
        }

        return [.. parts.Where(part => part.Members.Count > 0).Select(part => part.Members)];
    }

    private static IOrderedEnumerable<PolledSubreddit> ByLoad(IEnumerable<PolledSubreddit> subreddits) =>
        subreddits.OrderByDescending(subreddit => subreddit.ExpectedPerRound).ThenBy(subreddit => subreddit.Name, StringComparer.OrdinalIgnoreCase);
}
