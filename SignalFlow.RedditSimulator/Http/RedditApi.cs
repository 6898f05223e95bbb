using System.Globalization;
using SignalFlow.RedditSimulator.World;

namespace SignalFlow.RedditSimulator.Http;

/// <summary>The listings and look-ups of oauth.reddit.com that SignalFlow uses.</summary>
internal sealed class RedditApi(SimulatedWorld world, WorldClock clock, RedditGate gate, ServedLog served, SimulatorMetrics metrics)
{
    private const int DefaultLimit = 25;
    private const int MaxLimit = 100;
    private const int MaxIds = 100;
    private const string PostPrefix = "t3_";

    /// <summary><c>GET /r/a+b+c/new</c>.</summary>
    public async Task NewAsync(HttpContext context, string names)
    {
        const string endpoint = "new";
        var asked = names.Split('+', StringSplitOptions.RemoveEmptyEntries);
        if (await gate.AdmitAsync(context, endpoint, asked) is not { } admission)
            return;

        var named = admission.Subreddits;
        var everything = named.Any(name => name is "all" or "popular");
        var subreddits = everything ? null : named.Select(world.Find).OfType<Subreddit>().DistinctBy(subreddit => subreddit.Name).ToList();
        if (subreddits is { Count: 0 })
        {
            await AnswerMissingAsync(context, endpoint, asked);
            return;
        }

        clock.Begin();
        var now = clock.Now - admission.Staleness;
        var query = context.Request.Query;
        var page = PageOf(world.NewestFirst(subreddits, now), query, now);
        var posts = page.Posts.Select(post => world.Describe(post, now)).ToList();
        served.Write(posts);
        metrics.Answered(endpoint, admission.Outcome);
        await Answers.WriteAsync(context, admission.Damage, json => ListingJson.Write(json, posts, page, clock.RealTimeOf, RawJson(query)));
    }

    /// <summary><c>GET /api/info?id=t3_a,t3_b</c>: unknown ids and other kinds are left out silently.</summary>
    public async Task InfoAsync(HttpContext context)
    {
        const string endpoint = RedditGate.InfoEndpoint;
        if (await gate.AdmitAsync(context, endpoint, []) is not { } admission)
            return;

        clock.Begin();
        var now = clock.Now - admission.Staleness;
        var query = context.Request.Query;
        var posts = new List<PostSnapshot>();
        foreach (var name in query["id"].ToString().Split(',').Take(MaxIds).Distinct())
        {
            if (!admission.Empty && Resolve(name.Trim(), now) is { } post)
                posts.Add(world.Describe(post, now));
        }

        served.Write(posts);
        metrics.Answered(endpoint, admission.Outcome);
        await Answers.WriteAsync(context, admission.Damage, json => ListingJson.Write(json, posts, ListingPage.Empty, clock.RealTimeOf, RawJson(query)));
    }

    /// <summary><c>GET /r/x/about</c>.</summary>
    public async Task AboutAsync(HttpContext context, string name)
    {
        const string endpoint = "about";
        if (await gate.AdmitAsync(context, endpoint, [name]) is not { } admission)
            return;

        if (world.Find(name) is not { } subreddit)
        {
            await AnswerMissingAsync(context, endpoint, [name]);
            return;
        }

        var created = clock.RealTimeOf(TimeSpan.Zero).AddDays(-1_000);
        metrics.Answered(endpoint, admission.Outcome);
        await Answers.WriteAsync(context, admission.Damage, json => SubredditJson.Write(json, subreddit, created));
    }

    /// <summary><c>GET /subreddits/search</c>, where a missing subreddit redirects to: a client that follows sees a listing without posts.</summary>
    public async Task SearchAsync(HttpContext context)
    {
        const string endpoint = "search";
        if (await gate.AdmitAsync(context, endpoint, []) is not { } admission)
            return;

        metrics.Answered(endpoint, admission.Outcome);
        await Answers.WriteAsync(context, admission.Damage, json => ListingJson.Write(json, [], ListingPage.Empty, clock.RealTimeOf, rawJson: true));
    }

    private Task AnswerMissingAsync(HttpContext context, string endpoint, IReadOnlyList<string> asked)
    {
        metrics.Answered(endpoint, "missing");
        return asked is [var single]
            ? Faults.FaultAnswers.WriteRedirectAsync(context, single)
            : Answers.WriteJsonAsync(context, StatusCodes.Status404NotFound, """{"message": "Not Found", "error": 404}""");
    }

    private ListingPage PageOf(IEnumerable<PostKey> listing, IQueryCollection query, TimeSpan now)
    {
        var limit = int.TryParse(query["limit"], NumberStyles.Integer, CultureInfo.InvariantCulture, out var asked)
            ? Math.Clamp(asked, 1, MaxLimit)
            : DefaultLimit;
        var (after, before) = (query["after"].ToString(), query["before"].ToString());
        if (after.Length == 0 && before.Length == 0)
            return ListingPage.First(listing, limit);

        if (Resolve(after.Length > 0 ? after : before, now) is not { } anchor)
            return ListingPage.Empty;

        return after.Length > 0 ? ListingPage.After(listing, anchor, limit) : ListingPage.Before(listing, anchor, limit);
    }

    private PostKey? Resolve(string fullName, TimeSpan now) =>
        fullName.StartsWith(PostPrefix, StringComparison.Ordinal) ? world.Find(fullName.AsSpan(PostPrefix.Length), now) : null;

    private static bool RawJson(IQueryCollection query) => query["raw_json"] == "1";
}
