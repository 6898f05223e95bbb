using SignalFlow.Ingestion.Planning;
using SignalFlow.Ingestion.Reddit;

namespace SignalFlow.Ingestion;

/// <summary>What the exchanges with Reddit write to the log.</summary>
internal sealed partial class ExchangeLog(ILogger<RequestExchange> logger)
{
    private const int NamesShown = 5;

    public void Failed(PlannedRequest request, RedditAnswer answer, Setback setback)
    {
        var seconds = setback.Delay.TotalSeconds;
        switch (answer, request)
        {
            case (RedditAnswer.Refused { Reason: RefusalReason.Blocked }, _):
                Blocked(seconds);
                break;
            case (RedditAnswer.Throttled or RedditAnswer.NoToken, _):
                Paused(answer.Outcome, seconds);
                break;
            case (_, PlannedRequest.Poll poll) when setback.Split:
                Split(Shown(poll.Subreddits), answer.Outcome);
                break;
            case (_, PlannedRequest.Poll poll):
                PollFailed(Shown(poll.Subreddits), answer.Outcome, seconds);
                break;
            case (_, PlannedRequest.Backfill backfill):
                BackfillFailed(backfill.Subreddit.Name, answer.Outcome);
                break;
            default:
                InfoFailed(request.Kind, answer.Outcome, seconds);
                break;
        }
    }

    public void Polled(PlannedRequest.Poll poll, int posts, int found)
    {
        if (logger.IsEnabled(LogLevel.Debug))
            Polled(Shown(poll.Subreddits), posts, found);
    }

    public void Gap(PollGap gap) => Gap(gap.Subreddit, gap.Posts, gap.From, gap.To);

    private static string Shown(IReadOnlyList<string> subreddits) => subreddits.Count <= NamesShown
        ? "r/" + string.Join('+', subreddits)
        : $"r/{string.Join('+', subreddits.Take(NamesShown))} and {subreddits.Count - NamesShown} more";

    [LoggerMessage(LogLevel.Debug, "{Listing}: {Posts} posts, {New} new")]
    private partial void Polled(string listing, int posts, int @new);

    [LoggerMessage(LogLevel.Debug, "Asked for {Asked} posts, published {Published}")]
    public partial void Refreshed(int asked, int published);

    [LoggerMessage(LogLevel.Information, "r/{Subreddit}: backfilled {Posts} posts")]
    public partial void Backfilled(string subreddit, int posts);

    [LoggerMessage(LogLevel.Information, "Reddit has removed {Count} posts; their content will be purged")]
    public partial void Removed(int count);

    [LoggerMessage(LogLevel.Information, "r/{Subreddit} can be polled again")]
    public partial void Recovered(string subreddit);

    [LoggerMessage(LogLevel.Warning, "{Listing} cannot be polled ({Outcome}); the next attempt is in {Seconds:F1} s")]
    private partial void PollFailed(string listing, string outcome, double seconds);

    [LoggerMessage(LogLevel.Information, "{Listing} cannot be polled together ({Outcome}); asking for parts of it")]
    private partial void Split(string listing, string outcome);

    [LoggerMessage(LogLevel.Warning, "r/{Subreddit} cannot be backfilled ({Outcome})")]
    private partial void BackfillFailed(string subreddit, string outcome);

    [LoggerMessage(LogLevel.Warning, "A {Kind} failed ({Outcome}); the next attempt is in {Seconds:F1} s")]
    private partial void InfoFailed(string kind, string outcome, double seconds);

    [LoggerMessage(LogLevel.Warning, "All requests to Reddit pause for {Seconds:F1} s ({Outcome})")]
    private partial void Paused(string outcome, double seconds);

    [LoggerMessage(LogLevel.Error, "Reddit's network blocks this client; check Reddit:UserAgent. The next attempt is in {Seconds:F1} s")]
    private partial void Blocked(double seconds);

    [LoggerMessage(
        LogLevel.Warning,
        "r/{Subreddit}: the listing ended after {Posts} posts without reaching a known one; posts between {From} and {To} may be missing")]
    private partial void Gap(string subreddit, int posts, DateTimeOffset from, DateTimeOffset to);

    [LoggerMessage(LogLevel.Error, "A request ended in an unexpected way")]
    public partial void Unexpected(Exception exception);
}
