using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Feed;

/// <summary>Which posts of the feed to show, and in which order. Lives in the address of the page, so that a view can be shared and reloaded.</summary>
public sealed record FeedFilter
{
    public static readonly FeedFilter None = new();

    public static readonly IReadOnlyList<string> Sentiments = ["positive", "neutral", "negative"];

    /// <summary>How closely posts are watched; values of <see cref="PostView.PollPriority"/>.</summary>
    public static readonly IReadOnlyList<string> Tiers = ["aggressive", "normal", "slow", "inactive"];

    /// <summary>Part of the title, as typed; case and surrounding spaces do not matter.</summary>
    public string Text { get; init; } = "";

    /// <summary>Names, separated by commas; empty for all. Case does not matter.</summary>
    public string Subreddits { get; init; } = "";

    /// <summary>One of <see cref="Tiers"/>, or empty for all.</summary>
    public string Tier { get; init; } = "";

    /// <summary>One of <see cref="Sentiments"/>, or empty for all. A sentiment that is not reliable is none of them.</summary>
    public string Sentiment { get; init; } = "";

    public bool TrendingOnly { get; init; }
    public int? MinScore { get; init; }

    /// <summary>One of <see cref="FeedSort"/>.</summary>
    public string Sort { get; init; } = FeedSort.New;

    public IReadOnlyList<string> SubredditNames => Subreddits.Split(',', StringSplitOptions.RemoveEmptyEntries);

    public bool Matches(PostView post) =>
        (!TrendingOnly || post.IsTrending)
        && (MinScore is null || post.CurrentScore >= MinScore)
        && (Sentiment.Length == 0 || post.Nlp is { SentimentReliable: true } nlp && nlp.SentimentLabel == Sentiment)
        && (Tier.Length == 0 || post.PollPriority == Tier)
        && (Subreddits.Length == 0 || IsOneOf(post.Subreddit))
        && (Text.Length == 0 || post.Title.AsSpan().Contains(Text.AsSpan().Trim(), StringComparison.OrdinalIgnoreCase));

    /// <summary>Names without "r/", each once, in the order given.</summary>
    public static string Names(IEnumerable<string> names) => string.Join(
        ',',
        names.SelectMany(name => name.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))
            .Select(BareName).Where(name => name.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase));

    /// <summary>Reads a query; what is not understood is left out.</summary>
    public static FeedFilter FromUri(string uri)
    {
        var query = QueryHelpers.ParseQuery(new Uri(uri).Query);
        var sentiment = Value("sentiment");
        var tier = Value("tier");
        var sort = Value("sort");
        return new()
        {
            Text = Value("q"),
            Subreddits = Names(query.TryGetValue("subreddit", out var names) ? names.OfType<string>() : []),
            Tier = Tiers.Contains(tier) ? tier : "",
            Sentiment = Sentiments.Contains(sentiment) ? sentiment : "",
            TrendingOnly = Value("trending") is "1" or "true",
            MinScore = int.TryParse(Value("min_score"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var score) ? score : null,
            Sort = FeedSort.IsKnown(sort) ? sort : FeedSort.New,
        };

        string Value(string key) => query.TryGetValue(key, out var values) ? values.ToString().Trim() : "";
    }

    /// <summary>The relative address of the feed under this filter.</summary>
    public string ToUri()
    {
        var query = new Dictionary<string, string?>();
        if (Text.Trim() is { Length: > 0 } text)
            query["q"] = text;
        if (Subreddits.Length > 0)
            query["subreddit"] = Subreddits;
        if (Tier.Length > 0)
            query["tier"] = Tier;
        if (Sentiment.Length > 0)
            query["sentiment"] = Sentiment;
        if (TrendingOnly)
            query["trending"] = "1";
        if (MinScore is { } score)
            query["min_score"] = score.ToString(CultureInfo.InvariantCulture);
        if (Sort != FeedSort.New)
            query["sort"] = Sort;
        return QueryHelpers.AddQueryString("/", query);
    }

    // Without a list for every post that is looked at.
    private bool IsOneOf(string subreddit)
    {
        var names = Subreddits.AsSpan();
        foreach (var name in names.Split(','))
        {
            if (names[name].Equals(subreddit, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static string BareName(string name)
    {
        var bare = name.Trim().TrimStart('/');
        return bare.StartsWith("r/", StringComparison.OrdinalIgnoreCase) ? bare[2..] : bare;
    }
}
