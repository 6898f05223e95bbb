using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.WebUtilities;
using SignalFlow.Contracts;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Trending;

/// <summary>What rises, and why, in words.</summary>
public sealed partial class TrendingBoard
{
    private const int Posts = 50;

    private TrendingRanking _ranking = TrendingRanking.Rule;
    private IReadOnlyList<TrendingEntry>? _entries;
    private TrendingValues? _thresholds;
    private Exception? _error;
    private DateTimeOffset _now;

    /// <summary>Name of a <see cref="TrendingRanking"/>; the rule for any other.</summary>
    [Parameter, EditorRequired]
    public required string? By { get; set; }

    /// <summary>Null or empty: all.</summary>
    [Parameter, EditorRequired]
    public required string? Subreddit { get; set; }

    [Inject] internal ApiClient Api { get; set; } = null!;

    [Inject] internal TimeProvider Time { get; set; } = null!;

    protected override async Task OnParametersSetAsync()
    {
        _ranking = TrendingRanking.Of(By);
        _now = Time.GetUtcNow();
        try
        {
            var list = await Api.GetTrendingAsync(Posts, CancellationToken.None);
            _thresholds = list.Thresholds;
            _entries = await EntriesAsync(list);
        }
        catch (Exception exception) when (ApiClient.IsAway(exception))
        {
            _error = exception;
        }
    }

    private async Task<IReadOnlyList<TrendingEntry>> EntriesAsync(TrendingList list)
    {
        var ofSubreddit = list.Results.Where(trending => string.IsNullOrEmpty(Subreddit) || Is(trending.Post)).ToList();
        IReadOnlyList<PostView> posts = _ranking == TrendingRanking.Rule
            ? ofSubreddit.ConvertAll(trending => trending.Post)
            : (await Api.ListPostsAsync(Query(), CancellationToken.None)).Results;
        if (posts.Count == 0)
            return [];
        var trails = Api.GetTrailsAsync(posts.Select(post => post.Id), CancellationToken.None);
        var usual = (await Api.GetSubredditOverviewAsync(24, CancellationToken.None)).Results.ToDictionary(
            subreddit => subreddit.Subreddit, subreddit => subreddit.AvgScore, StringComparer.OrdinalIgnoreCase);
        var parts = list.Results.ToDictionary(trending => trending.Post.Id, trending => trending.Parts);
        var points = (await trails).Results.ToDictionary(trail => trail.Id, trail => trail.Points);
        return
        [
            .. posts.Select((post, index) => new TrendingEntry(
                index + 1, post, points.GetValueOrDefault(post.Id, []), parts.GetValueOrDefault(post.Id), list.Thresholds,
                usual.TryGetValue(post.Subreddit, out var average) ? average : null)),
        ];

        bool Is(PostView post) => post.Subreddit.Equals(Subreddit, StringComparison.OrdinalIgnoreCase);
    }

    private string Query() => QueryHelpers.AddQueryString("", new Dictionary<string, string?>
    {
        ["sort"] = _ranking.Name,
        ["page_size"] = Posts.ToString(CultureInfo.InvariantCulture),
        ["subreddit"] = Subreddit,
    }.Where(pair => !string.IsNullOrEmpty(pair.Value)));

    private string Address(TrendingRanking ranking) => QueryHelpers.AddQueryString("trending", new Dictionary<string, string?>
    {
        ["by"] = ranking == TrendingRanking.Rule ? null : ranking.Name,
        ["subreddit"] = Subreddit,
    }.Where(pair => !string.IsNullOrEmpty(pair.Value)));

    private static string Limit(double? limit) => (limit ?? 10).ToString("0.##", CultureInfo.InvariantCulture);
}

/// <param name="Name">In the address; also the API's name of the sort.</param>
/// <param name="Label">Of the tab.</param>
/// <param name="Explanation">One or two sentences.</param>
internal sealed record TrendingRanking(string Name, string Label, string Explanation)
{
    public static readonly TrendingRanking Rule = new(
        "rule", "Trending", "Posts of the last day that the trending rule marks now, the highest trending score first.");

    public static readonly IReadOnlyList<TrendingRanking> All =
    [
        Rule,
        new("momentum", "Momentum", "Posts of the last day by engagement (score and twice the comments) for each minute of age."),
        new("velocity", "Velocity", "Posts of the last day by the points they gained between their two newest observations."),
        new("score", "Score", "Posts of the last day by score."),
    ];

    public static TrendingRanking Of(string? name) => All.FirstOrDefault(ranking => ranking.Name == name) ?? Rule;
}
