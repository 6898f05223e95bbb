using SignalFlow.Ingestion.Reddit;

namespace SignalFlow.Ingestion.Planning;

/// <summary>
/// Reads what a subreddit had before it was added, down to the end of its listing (1,000 posts), one subreddit after the other. Comes after
/// live polls and refreshes.
/// </summary>
internal sealed class BackfillSchedule(PollSchedule polls, Cadence cadence)
{
    private const int ListingDepth = 1_000;
    private const int MostRestarts = 3;

    private PolledSubreddit? _current;
    private string? _after;
    private int _posts;
    private int _restarts;
    private int _failures;
    private bool _inFlight;
    private DateTimeOffset _pausedUntil = DateTimeOffset.MinValue;

    /// <summary>The clock was set back.</summary>
    public void StepBack(TimeSpan by) => _pausedUntil = _pausedUntil.Back(by);

    /// <summary>When the next page may be asked for; null: nothing is left to read.</summary>
    public DateTimeOffset? NextAt()
    {
        if (_inFlight)
            return null;
        if (_current is null || polls.Find(_current.Name) != _current || _current.Trouble is not null)
            Begin(polls.Subreddits.Where(subreddit => subreddit is { BackfilledAt: null, Trouble: null }).MinBy(subreddit => subreddit.Rank));
        return _current is null ? null : _pausedUntil;
    }

    public PlannedRequest.Backfill Take()
    {
        _inFlight = true;
        return new PlannedRequest.Backfill(_current!, _after);
    }

    /// <param name="request">The request.</param>
    /// <param name="page">Its answer.</param>
    /// <param name="found">How many of its posts were new.</param>
    /// <param name="complete">All that the page shows is known now; else it is asked for again.</param>
    /// <returns>Whether the subreddit has been read to the end.</returns>
    public bool Complete(PlannedRequest.Backfill request, RedditAnswer.Page page, int found, bool complete)
    {
        _inFlight = false;
        _failures = 0;
        request.Subreddit.LastShownAt = page.ArrivedAt;
        if (!complete || request.Subreddit != _current)
            return false;
        _posts += page.Listing.Posts.Count;
        request.Subreddit.BackfilledPosts += found;
        if (request.After is not null && page.Listing.Posts.Count == 0 && _restarts < MostRestarts)
        {
            // The anchor has left the listing.
            (_after, _posts) = (null, 0);
            _restarts++;
            return false;
        }

        if (page.Listing.After is { } after && _posts < ListingDepth)
        {
            _after = after;
            return false;
        }

        request.Subreddit.BackfilledAt = page.ArrivedAt;
        Begin(null);
        return true;
    }

    /// <summary>A refusal concerns the subreddit, which its poll will find out, too; anything else passes.</summary>
    public TimeSpan Fail(PlannedRequest.Backfill request, RedditAnswer answer, DateTimeOffset now, double jitter)
    {
        _inFlight = false;
        if (answer is RedditAnswer.Refused)
        {
            polls.Isolate(request.Subreddit, now);
            request.Subreddit.Failed(answer.Outcome, null, now);
            if (request.Subreddit.Group is { } alone)
                alone.Due = now + cadence.Refusal.Delay(request.Subreddit.Failures, jitter);
            Begin(null);
            return TimeSpan.Zero;
        }

        var delay = (answer as RedditAnswer.Failed)?.After ?? cadence.PassingFault.Delay(++_failures, jitter);
        _pausedUntil = now + delay;
        return delay;
    }

    /// <summary>The request came to nothing for a reason that is not its own.</summary>
    public void Return() => _inFlight = false;

    private void Begin(PolledSubreddit? subreddit) => (_current, _after, _posts, _restarts) = (subreddit, null, 0, 0);
}
