using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Feed;

/// <summary>Which posts of the feed to show. Lives in the address of the page, so that a view can be shared and reloaded.</summary>
public sealed record FeedFilter
{
    public static readonly FeedFilter None = new();

    public static readonly IReadOnlyList<string> Sentiments = ["positive", "neutral", "negative"];

    /// <summary>Part of the title, as typed; case and surrounding spaces do not matter.</summary>
    public string Text { get; init; } = "";

    /// <summary>Part of the subreddit's name, with or without "r/".</summary>
    public string Subreddit { get; init; } = "";

    /// <summary>One of <see cref="Sentiments"/>, or empty for all.</summary>
    public string Sentiment { get; init; } = "";

    public bool TrendingOnly { get; init; }
    public int? MinScore { get; init; }

    public bool Matches(PostView post) =>
        (!TrendingOnly || post.IsTrending)
        && (MinScore is null || post.CurrentScore >= MinScore)
        && (Sentiment.Length == 0 || post.Nlp?.SentimentLabel == Sentiment)
        && (Subreddit.Length == 0 || post.Subreddit.AsSpan().Contains(BareSubreddit, StringComparison.OrdinalIgnoreCase))
        && (Text.Length == 0 || post.Title.AsSpan().Contains(Text.AsSpan().Trim(), StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads a query; what is not understood is left out.</summary>
    public static FeedFilter FromUri(string uri)
    {
        var query = QueryHelpers.ParseQuery(new Uri(uri).Query);
        var sentiment = Value("sentiment");
        return new()
        {
            Text = Value("q"),
            Subreddit = Value("subreddit"),
            Sentiment = Sentiments.Contains(sentiment) ? sentiment : "",
            TrendingOnly = Value("trending") is "1" or "true",
            MinScore = int.TryParse(Value("min_score"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var score) ? score : null,
        };

        string Value(string key) => query.TryGetValue(key, out var values) ? values.ToString().Trim() : "";
    }

    /// <summary>The relative address of the feed under this filter.</summary>
    public string ToUri()
    {
        var query = new Dictionary<string, string?>();
        if (Text.Trim() is { Length: > 0 } text)
            query["q"] = text;
        if (Subreddit.Trim() is { Length: > 0 } subreddit)
            query["subreddit"] = subreddit;
        if (Sentiment.Length > 0)
            query["sentiment"] = Sentiment;
        if (TrendingOnly)
            query["trending"] = "1";
        if (MinScore is { } score)
            query["min_score"] = score.ToString(CultureInfo.InvariantCulture);
        return QueryHelpers.AddQueryString("/", query);
    }

    private ReadOnlySpan<char> BareSubreddit
    {
        get
        {
            var name = Subreddit.AsSpan().Trim();
            return name.StartsWith("r/", StringComparison.OrdinalIgnoreCase) ? name[2..] : name;
        }
    }
}
