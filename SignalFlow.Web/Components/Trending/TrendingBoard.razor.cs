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

    private TrendingRanking _ranking = TrendingRanking.Surge;
    private IReadOnlyList<TrendingEntry>? _entries;
    private TrendingValues? _thresholds;
    private Exception? _error;
    private DateTimeOffset _now;

    /// <summary>Name of a <see cref="TrendingRanking"/>; the surge for any other.</summary>
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
            var list = await Api.GetTrendingAsync(_ranking == TrendingRanking.Surge ? "surge" : "rule", Posts, CancellationToken.None);
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
        IReadOnlyList<PostView> posts = _ranking == TrendingRanking.Rule || _ranking == TrendingRanking.Surge
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
                usual.TryGetValue(post.Subreddit, out var average) ? average : null, _ranking == TrendingRanking.Surge)),
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
        ["by"] = ranking == TrendingRanking.Surge ? null : ranking.Name,
        ["subreddit"] = Subreddit,
    }.Where(pair => !string.IsNullOrEmpty(pair.Value)));

    private static string Limit(double? limit) => (limit ?? 10).ToString("0.##", CultureInfo.InvariantCulture);
}

/// <param name="Name">In the address; also the API's name of the sort.</param>
/// <param name="Label">Of the tab.</param>
/// <param name="Explanation">One or two sentences.</param>
internal sealed record TrendingRanking(string Name, string Label, string Explanation)
{
    public static readonly TrendingRanking Surge = new(
        "surge", "Trending", "Posts that do far better than is typical for their community at their age, and still rise.");

    public static readonly TrendingRanking Rule = new(
        "rule", "Fixed rule", "Posts of the last day that the fixed rule of the original system marks now, the highest trending score first.");

    public static readonly IReadOnlyList<TrendingRanking> All =
    [
        Surge,
        new("momentum", "Momentum", "Posts of the last day by engagement (score and twice the comments) for each minute of age."),
        new("velocity", "Velocity", "Posts of the last day by the points they gained between their two newest observations."),
        new("score", "Score", "Posts of the last day by score."),
        Rule,
    ];

    public static TrendingRanking Of(string? name) => All.FirstOrDefault(ranking => ranking.Name == name) ?? Surge;
}
