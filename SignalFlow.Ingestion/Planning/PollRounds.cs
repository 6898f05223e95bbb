using SignalFlow.Ingestion.Reddit;

namespace SignalFlow.Ingestion.Planning;

/// <summary>
/// Reads listings so that nothing is missed: each round goes on, page by page, until every member's known posts have been reached; what the
/// shared listing is too short for is asked for alone.
/// </summary>
internal sealed class PollRounds(PollSchedule schedule, KnownPosts known, Cadence cadence)
{
    // What Reddit's listings hold, and a little less, because removed posts leave the page but not the count.
    private const int ListingDepth = 1_000;
    private const int NearlyAll = 900;

    // An anchor leaves the listing when its post is deleted, or the page comes from a cache that is older than it.
    private const int MostRestarts = 3;

    private const int PostsToRecogniseAPage = 3;
    private const int ProofsByCreation = 3;

    // So many new posts on the first page of a round mean that the listing is overfull.
    private const int NearlyFull = 80;
    private const int FailuresBeforeSplit = 4;

    // Reddit tells creation in whole seconds.
    private static readonly TimeSpan Resolution = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether a page is older than the one before it: it shows nothing new and none of what stood on top then. Its counters are old, too.
    /// </summary>
    public static bool IsStale(ListingGroup group, RedditListing listing, PageReview review) =>
        group.Current is null or { After: null }
        && group.LastTop.Count > 0 && listing.Posts.Count > 0 && review.Unseen.Count == 0
        && !listing.Posts.Any(post => group.LastTop.Contains(post.Id));

    /// <summary>Ends the poll of a page.</summary>
    /// <param name="poll">The request.</param>
    /// <param name="page">Its answer.</param>
    /// <param name="review">What it brought.</param>
    /// <param name="stored">Those of the unseen posts that turned out to be known after all.</param>
    /// <param name="published">Those that Kafka has confirmed.</param>
    /// <param name="complete">All that the page shows is known now; else the page is asked for again.</param>
    public PollResult Complete(
        PlannedRequest.Poll poll,
        RedditAnswer.Page page,
        PageReview review,
        IReadOnlySet<string> stored,
        IReadOnlySet<string> published,
        bool complete)
    {
        var group = poll.Group;
        group.InFlight = false;
        if (group.Members.Count == 0)
            return PollResult.Nothing;

        var recovered = Answered(group, page);
        if (!complete || group.Current is not { } round)
            return new PollResult(recovered, []);

        var isStale = IsStale(group, page.Listing, review);
        Note(group, round, page.Listing, review, published);
        if (isStale)
        {
            // It shows the past, so nothing can be said of the present.
            End(group, round);
            return new PollResult(recovered, []);
        }

        return new PollResult(recovered, Advance(group, round, page, review, stored));
    }

    /// <summary>A poll failed, so its subreddits wait; a listing that is refused as a whole is asked for in parts.</summary>
    /// <param name="group">The listing.</param>
    /// <param name="answer">How it failed; not one that concerns every request.</param>
    /// <param name="now">The time.</param>
    /// <param name="lastAnswerAt">When Reddit last answered anything.</param>
    /// <param name="jitter">Drawn from [0, 1).</param>
    public Setback Fail(ListingGroup group, RedditAnswer answer, DateTimeOffset now, DateTimeOffset lastAnswerAt, double jitter)
    {
        if (answer is RedditAnswer.Refused refused)
        {
            if (group.Members is not [var member])
            {
                schedule.Split(group, now, suspect: true);
                return new Setback(TimeSpan.Zero, News: true, Split: true);
            }

            var isNews = member.Failed(refused.Outcome, refused.Detail, now);
            var wait = cadence.Refusal.Delay(member.Failures, jitter);
            group.Due = now + wait;
            return new Setback(wait, isNews);
        }

        var news = group.Trouble != answer.Outcome;
        group.Trouble = answer.Outcome;
        if (group.Failures++ == 0)
            group.FailingSince = now;
        // Others are answered, so the fault may be one member's.
        if (group.Failures >= FailuresBeforeSplit && group.Members.Count > 1 && lastAnswerAt > group.FailingSince)
        {
            schedule.Split(group, now, suspect: true);
            return new Setback(TimeSpan.Zero, News: true, Split: true);
        }

        var delay = (answer as RedditAnswer.Failed)?.After ?? cadence.PassingFault.Delay(group.Failures, jitter);
        group.Due = now + delay;
        return new Setback(delay, news);
    }

    private static List<string> Answered(ListingGroup group, RedditAnswer.Page page)
    {
        (group.Suspect, group.Failures, group.Trouble) = (false, 0, null);
        var recovered = new List<string>();
        foreach (var member in group.Members)
        {
            member.LastPollAt = page.ArrivedAt;
            if (group.Members.Count == 1)
                member.LastShownAt = page.ArrivedAt;
            if (group.Members.Count == 1 && RenamedTo(member, page.Listing) is { } name)
                member.Failed("renamed", name, page.ArrivedAt);
            else if (member.Succeeded(page.ArrivedAt))
                recovered.Add(member.Name);
        }

        return recovered;
    }

    /// <summary>Reddit answers for the old name of a subreddit with the posts of the new one.</summary>
    private static string? RenamedTo(PolledSubreddit member, RedditListing listing) =>
        listing.Posts.Count > 0 && listing.Posts.All(post => !post.Subreddit.Equals(member.Name, StringComparison.OrdinalIgnoreCase))
            ? listing.Posts[0].Subreddit
            : null;

    private void Note(ListingGroup group, PollRound round, RedditListing listing, PageReview review, IReadOnlySet<string> published)
    {
        if (round.After is null)
            group.LastTop = [.. listing.Posts.Take(PostsToRecogniseAPage).Select(post => post.Id)];
        round.Pages++;
        round.Posts += listing.Posts.Count;
        round.Ids.UnionWith(listing.Posts.Select(post => post.Id));
        foreach (var post in listing.Posts)
        {
            if (round.Oldest is null || post.CreatedAt < round.Oldest)
                round.Oldest = post.CreatedAt;
            if (schedule.Find(post.Subreddit) is not { } member)
                continue;
            member.LastShownAt = round.StartedAt > member.LastShownAt ? round.StartedAt : member.LastShownAt;
            if (member.NewestPostAt is null || post.CreatedAt > member.NewestPostAt)
                member.NewestPostAt = post.CreatedAt;
        }

        if (round.Pages == 1)
            round.NewOnFirstPage = review.Unseen.Count;
        foreach (var post in review.Unseen.Where(post => published.Contains(post.Id)))
            round.New[post.Subreddit] = round.New.GetValueOrDefault(post.Subreddit) + 1;
    }

    private List<PollGap> Advance(
        ListingGroup group, PollRound round, RedditAnswer.Page page, PageReview review, IReadOnlySet<string> stored)
    {
        var listing = page.Listing;
        round.Waiting.RemoveAll(member => IsReached(member, listing, review, stored));
        if (round.Waiting.Count == 0)
        {
            known.Prove(round.Ids);
            Finish(group, round, page.ArrivedAt);
            return [];
        }

        if (listing.After is not null && round.Posts < ListingDepth)
        {
            round.After = listing.After;
            return [];
        }

        if (round.After is not null && listing.Posts.Count == 0)
        {
            // The anchor has left the listing; that does not mean that nothing comes after it.
            if (round.Restarts < MostRestarts)
                round.BeginAgain();
            else
                End(group, round);
            return [];
        }

        var isTooShort = round.Posts >= NearlyAll;
        if (isTooShort && group.Members.Count > 1)
        {
            // Alone each has a listing of its own, a thousand deep.
            var waiting = round.Waiting.ToList();
            Finish(group, round, page.ArrivedAt, except: waiting);
            foreach (var member in waiting)
                schedule.Isolate(member, page.ArrivedAt);
            return [];
        }

        var gaps = isTooShort ? round.Waiting.ConvertAll(member => GapOf(member, round)) : [];
        known.Prove(round.Ids);
        Finish(group, round, page.ArrivedAt);
        return gaps;
    }

    /// <summary>Whether nothing unseen of a member is to be expected below a page.</summary>
    private bool IsReached(
        PolledSubreddit member, RedditListing listing, PageReview review, IReadOnlySet<string> stored)
    {
        // At the first sight of a subreddit only posts that were created since are ours to find; the backfill brings the others.
        if (!member.HasHistory)
            return listing.Posts.Any(post => post.CreatedAt < member.AddedAt - Resolution);
        if (member.CoveredAt is not null)
            return ReachesBack(member, review, stored, member.SafelyCoveredAt);

        // In the first round after a start that is not enough: what the last run published may have been lost before it was stored,
        // between posts that were.
        return listing.Posts.Count > 0 && review.Unseen.All(post => stored.Contains(post.Id)) && review.Known.All(post => post.IsProven)
            && (member.ResumesFrom is not { } covered || stored.Count > 0 || review.Known.Any(post => post.FirstSeen <= covered - cadence.Overlap));
    }

    /// <summary>
    /// Below a known post there are only posts that became visible before it did; when the listing was read from there down to known ones,
    /// they all are known. Where that listing may not have been the member's, the known post must have been there before
    /// <paramref name="coveredAt"/>, when the member had been read to the end: by when it was first seen one post proves that, by its
    /// creation several do, because one that was approved late is older than its place.
    /// </summary>
    private static bool ReachesBack(PolledSubreddit member, PageReview review, IReadOnlySet<string> stored, DateTimeOffset coveredAt)
    {
        var isAlone = member.Group is { Members.Count: 1 };
        var proofs = stored.Count;
        foreach (var post in review.Known.Where(post => post.IsProven))
        {
            if (isAlone || post.FirstSeen <= coveredAt)
                return true;
            if (post.CreatedAt <= coveredAt)
                proofs++;
        }

        return proofs >= ProofsByCreation;
    }

    private static PollGap GapOf(PolledSubreddit member, PollRound round)
    {
        member.Gaps++;
        member.LastGapAt = round.StartedAt;
        return new PollGap(member.Name, round.Posts, member.CoveredAt ?? member.AddedAt, round.Oldest ?? round.StartedAt);
    }

    private void Finish(ListingGroup group, PollRound round, DateTimeOffset now, IReadOnlyCollection<PolledSubreddit>? except = null)
    {
        // After an outage there is more to read than usual, which says nothing of how the listing is packed.
        var isUsual = group.Members.All(member => round.StartedAt - member.CoveredAt <= 2 * group.Interval);
        foreach (var member in group.Members)
        {
            if (except?.Contains(member) == true)
                continue;
            if (member.CoveredAt is { } before)
                member.Arrivals.Observe(round.New.GetValueOrDefault(member.Name), round.StartedAt - before);
            // Its answer came from a cache of unknown age, but it is not older than the one before.
            member.SafelyCoveredAt = member.CoveredAt ?? round.StartedAt - cadence.Overlap;
            // In the first round of a run the one before is an earlier run's.
            member.ResumesFrom = member.CoveredAt ?? member.ResumesFrom ?? member.SafelyCoveredAt;
            member.CoveredAt = round.StartedAt;
            member.HasHistory = true;
        }

        End(group, round);
        if (group.Members.Count == 1)
            return;
        if (isUsual && round.NewOnFirstPage >= NearlyFull)
            schedule.Split(group, group.Due, suspect: false);
        else
            Probe(group, now);
    }

    private static void End(ListingGroup group, PollRound round)
    {
        group.Current = null;
        group.Due = PollSchedule.DueAfter(group, round);
    }

    /// <summary>A private, quarantined or banned member just is missing from a listing; asked for alone, Reddit says what is wrong.</summary>
    private void Probe(ListingGroup group, DateTimeOffset now)
    {
        foreach (var member in group.Members.Where(member => member.IsOverdueToShow(now)).ToList())
            schedule.Isolate(member, now);
    }
}
