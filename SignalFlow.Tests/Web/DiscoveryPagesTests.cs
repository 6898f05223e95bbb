using System.Net;
using SignalFlow.Contracts;
using static SignalFlow.Tests.Web.ScriptlessPages;

namespace SignalFlow.Tests.Web;

/// <summary>Stories and signals as a browser without scripts gets them.</summary>
public sealed class DiscoveryPagesTests : IAsyncLifetime
{
    private static readonly ContractsJsonContext Json = ContractsJsonContext.Default;

    private readonly ScriptlessPages _pages = new();

    private static StoryView Meteorite => new()
    {
        Id = "7b",
        Label = ["meteorite", "bavaria"],
        PostId = "a",
        Title = "Meteorite &amp; witnesses",
        Posts = 3,
        TotalScore = 105,
        TotalComments = 6,
        SubredditCount = 2,
        FirstAt = Posts.Now.AddHours(-3),
        LastAt = Posts.Now.AddHours(-1),
    };

    public ValueTask InitializeAsync() => _pages.StartAsync();

    public ValueTask DisposeAsync() => _pages.DisposeAsync();

    [Fact]
    public async Task Stories_come_with_the_words_that_are_new()
    {
        _pages.Api.Add("/api/stories/", new StoryList { Start = Posts.Now, End = Posts.Now, Results = [Meteorite] }, Json.StoryList);
        _pages.Api.Add("/api/terms/", new TermBurstList
        {
            Start = Posts.Now,
            End = Posts.Now,
            Results = [new(new("fire \"ball\"", Posts.Now.AddMinutes(-30), 12, 14, 3, 1.5, "the hours before"), 9, "12 authors in 15 min instead of 1.5")],
        }, Json.TermBurstList);

        var page = await _pages.GetAsync("/stories?hours=6&subreddit=news", "[data-testid=story-board]");

        Assert.Equal("Meteorite & witnesses", Text(page, "[data-testid=story] .ranking-title"));
        Assert.Equal("stories/7b", page.QuerySelector("[data-testid=story] .ranking-title a")!.GetAttribute("href"));
        Assert.Contains("2 subreddits 3 posts 6 comments began 3 h ago", Text(page, "[data-testid=story] .ranking-meta"), StringComparison.Ordinal);
        Assert.Equal("search?q=%22fire%20%22ball%22%22", page.QuerySelector("[data-testid=bursts] a")!.GetAttribute("href"));
        Assert.Equal("12 authors in 15 min instead of 1.5, 30 min ago", Text(page, ".burst-reason"));
        Assert.Contains("/api/stories/?hours=6&limit=50&subreddit=news", _pages.Api.Requests);
    }

    [Fact]
    public async Task A_new_installation_says_that_it_still_learns()
    {
        _pages.Api.Add("/api/stories/", new StoryList { Start = Posts.Now, End = Posts.Now, Results = [] }, Json.StoryList);
        _pages.Api.Add(
            "/api/terms/", new TermBurstList { Start = Posts.Now, End = Posts.Now, LearningSince = Posts.Now.AddHours(-2), Results = [] },
            Json.TermBurstList);

        var page = await _pages.GetAsync("/stories", "[data-testid=story-board]");

        Assert.NotNull(page.QuerySelector("[data-testid=stories-empty]"));
        Assert.StartsWith("What is usual is still being learned", Text(page, "[data-testid=bursts-none]"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_story_shows_where_it_came_first_and_why_its_posts_are_one()
    {
        var first = Posts.Post(1) with { Id = "a", Title = "Meteorite", Subreddit = "news" };
        _pages.Api.Add("/api/stories/7b/", new StoryDetail
        {
            Id = "7b",
            Label = ["meteorite"],
            PostId = "a",
            Title = "Meteorite",
            Posts = 2,
            TotalScore = 105,
            TotalComments = 6,
            SubredditCount = 2,
            FirstAt = Posts.Now.AddHours(-3),
            LastAt = Posts.Now.AddHours(-1),
            Spread = [new("news", Posts.Now.AddHours(-3), 0, 1, 100), new("space", Posts.Now.AddHours(-2), 60, 1, 5)],
            Results = [new(first, "first", 1), new(first with { Id = "b", Subreddit = "space", Over18 = true }, "link", 1)],
        }, Json.StoryDetail);

        var page = await _pages.GetAsync("/stories/7b", "[data-testid=story-page]");

        Assert.Equal(["r/news", "r/space"], page.QuerySelectorAll("[data-testid=spread] tbody th").Select(Text));
        Assert.Equal(["first", "+1 h"], page.QuerySelectorAll("[data-testid=spread] tbody td:nth-of-type(2)").Select(Text));
        Assert.Equal(["Meteorite", "Adult content 18+"], page.QuerySelectorAll("[data-testid=story-posts] .result-title").Select(Text));
    }

    [Fact]
    public async Task Signals_show_what_lasts_what_happened_and_where_to_look()
    {
        AddSignals(
            [
                Signal("surge", "a") with { PostId = "a", Phase = "emerging", Title = "A &amp; B", Subreddit = "news", Reason = "6.2× typical for r/news" },
                Signal("surge", "gone") with { PostId = "gone", Subreddit = "news" },
                Signal("term_burst", "fire ball") with { Reason = "12 authors" },
                Signal("anomaly", "r/golang") with { Subreddit = "golang", Reason = "48 posts" },
                Signal("anomaly", "all subreddits") with { Reason = "6 of 6 fell silent" },
            ],
            [
                new()
                {
                    Kind = "topic", Key = "starfield", Since = Posts.Now.AddHours(-3), Until = Posts.Now.AddHours(-1), Lasts = true,
                    Posts = 40, Mean = -0.6, Usual = 0.1, UsualPosts = 300, Statistic = -9.1, PValue = 1e-9,
                    Movers = [new("a", -0.9, -0.02, "Angry"), new("gone", -0.8, -0.02)],
                },
            ],
            [
                new()
                {
                    Subreddit = "golang", Measure = "posts", Level = "quiet", Since = Posts.Now.AddHours(-9), Until = Posts.Now.AddHours(-5),
                    Lasts = false, Hours = 1, Count = 0, Usual = 12, Deviations = -3.5, Samples = 6, Baseline = "same hour of the day",
                },
            ]);

        var page = await _pages.GetAsync("/signals?hours=48", "[data-testid=signal-board]");

        Assert.Equal(
            [
                "Quiet r/golang 0 posts in an hour instead of 12 (same hour of the day, 6 samples) until 5 h ago",
                "Darker starfield sentiment -0.60 instead of 0.10 (40 posts in 6 hours, t -9.1) since 3 h What moved it Angry −0.90",
            ],
            page.QuerySelectorAll("[data-testid=lasting] > li").Select(Text));
        Assert.Equal(["A & B", "post gone", "fire ball", "r/golang", "all subreddits"], page.QuerySelectorAll(".signal-subject").Select(Text));
        Assert.Equal(
            ["posts/a", "posts/gone", "search?q=%22fire%20ball%22", "subreddits/golang"],
            page.QuerySelectorAll(".signal-subject a").Select(link => link.GetAttribute("href")));
        Assert.Equal("emerging 6.2× typical for r/news · 5 min ago", Text(page.QuerySelectorAll(".signal-reason")[^5]));
        Assert.Contains("the post was removed", Text(page.QuerySelectorAll(".signal-item")[1]), StringComparison.Ordinal);
        Assert.Contains("/api/signals/?hours=48&limit=100", _pages.Api.Requests);
    }

    [Theory]
    [InlineData("/signals?kind=surge&hours=6&subreddit=news", "hours=6&limit=100&kind=surge&subreddit=news", "Surges")]
    [InlineData("/signals?kind=storm&hours=7", "hours=24&limit=100", "All")]
    public async Task Signals_of_one_kind_can_be_asked_for(string address, string asked, string tab)
    {
        AddSignals([], [], []);

        var page = await _pages.GetAsync(address, "[data-testid=signal-board]");

        Assert.Contains($"/api/signals/?{asked}", _pages.Api.Requests);
        Assert.Equal(tab, Text(page, "nav[aria-label=Kind] [aria-current]"));
        Assert.NotNull(page.QuerySelector("[data-testid=signals-empty]"));
        Assert.NotNull(page.QuerySelector("[data-testid=lasting-none]"));
    }

    [Theory]
    [InlineData("/stories", "[data-testid=story-board]")]
    [InlineData("/signals", "[data-testid=signal-board]")]
    public async Task Without_the_api_a_page_says_so(string address, string part)
    {
        _pages.Api.Status = HttpStatusCode.ServiceUnavailable;

        var page = await _pages.GetAsync(address, part);

        Assert.Equal("away", page.QuerySelector(part)!.GetAttribute("data-state"));
    }

    private static SignalView Signal(string kind, string subject) =>
        new() { Id = 1, Kind = kind, Subject = subject, OccurredAt = Posts.Now.AddMinutes(-5), Strength = 6 };

    private void AddSignals(IReadOnlyList<SignalView> signals, IReadOnlyList<SentimentShiftView> shifts, IReadOnlyList<ActivityAnomalyView> anomalies)
    {
        _pages.Api.Add("/api/signals/", new SignalList { Start = Posts.Now, End = Posts.Now, Results = signals }, Json.SignalList);
        _pages.Api.Add("/api/signals/shifts/", new SentimentShiftList { Start = Posts.Now, End = Posts.Now, Results = shifts }, Json.SentimentShiftList);
        _pages.Api.Add(
            "/api/signals/anomalies/", new ActivityAnomalyList { Start = Posts.Now, End = Posts.Now, Results = anomalies }, Json.ActivityAnomalyList);
    }
}
