using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using SignalFlow.Api.Paging;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Posts;

/// <summary>A checked <see cref="PostListRequest"/>.</summary>
internal sealed record PostFilter
{
    public const int DefaultPageSize = 50;
    public const int MaxPageSize = 200;

    private const int MaxQueryLength = 200;
    private const int MaxNameLength = 200;
    private const int MaxKeywords = 10;

    /// <summary>Lists by a changing value look at this far back unless the request says otherwise: older posts stand still.</summary>
    public static readonly TimeSpan DefaultRange = TimeSpan.FromDays(1);

    public required string[] Subreddits { get; init; }

    /// <summary>Values of <c>poll_priority</c>; none: all.</summary>
    public string[] Tiers { get; init; } = [];

    public string? Author { get; init; }
    public string? Flair { get; init; }
    public bool? Trending { get; init; }
    public bool? Over18 { get; init; }

    /// <summary>Numbers of phases; none: all posts.</summary>
    public short[] Phases { get; init; } = [];

    public int? MinScore { get; init; }
    public int? MaxScore { get; init; }
    public string? Sentiment { get; init; }
    public double? MinSentiment { get; init; }
    public double? MaxSentiment { get; init; }

    /// <summary>A post has all of them.</summary>
    public required string[] Keywords { get; init; }

    /// <summary>A search, as typed.</summary>
    public string? Text { get; init; }

    /// <summary>Created at or after.</summary>
    public DateTime? Start { get; init; }

    /// <summary>Created before.</summary>
    public DateTime? End { get; init; }

    public required PostSort Sort { get; init; }
    public required int PageSize { get; init; }
    public PostCursor? Cursor { get; init; }
    public required DateTimeOffset AsOf { get; init; }

    public bool IsBackwards => Cursor?.Backwards == true;

    /// <summary>What the list holds, in words that are the same for every way to ask for it: cursors belong to it.</summary>
    public required string Scope { get; init; }

    public static bool TryParse(
        PostListRequest request, DateTimeOffset now, CursorSeal seal, [NotNullWhen(true)] out PostFilter? filter, out Dictionary<string, string[]> errors)
    {
        var fields = new QueryFields();
        var sort = ParseSort(request.Sort, fields);
        filter = new()
        {
            Subreddits = fields.Texts("subreddit", request.Subreddit),
            Author = fields.Text("author", request.Author, MaxNameLength),
            Flair = fields.Text("flair", request.Flair, MaxNameLength),
            Trending = fields.Boolean("trending", request.Trending),
            Over18 = fields.Boolean("over_18", request.Over18),
            Phases = ParsePhases(request.Phase, fields),
            MinScore = fields.WholeNumber("min_score", request.MinScore),
            MaxScore = fields.WholeNumber("max_score", request.MaxScore),
            Sentiment = fields.OneOf("sentiment", request.Sentiment, "positive", "neutral", "negative"),
            MinSentiment = fields.Number("min_sentiment", request.MinSentiment, -1, 1),
            MaxSentiment = fields.Number("max_sentiment", request.MaxSentiment, -1, 1),
            Keywords = Array.ConvertAll(fields.Texts("keyword", request.Keyword, MaxKeywords), keyword => keyword.ToLowerInvariant()),
            Text = fields.Text("q", request.Q, MaxQueryLength),
            Start = fields.Instant("start", request.Start, endOfDay: false),
            End = fields.Instant("end", request.End, endOfDay: true),
            Sort = sort,
            PageSize = fields.WholeNumber("page_size", request.PageSize, 1, MaxPageSize, DefaultPageSize),
            AsOf = now,
            Scope = "",
        };
        filter = filter with { Scope = filter.ScopeOf() };
        filter = filter.From(request, seal, fields);
        filter.Check(fields);
        errors = fields.Errors;
        if (errors.Count > 0)
            filter = null;
        else if (filter is { Start: null, End: null, Sort: not (PostSort.New or PostSort.Relevance) })
            filter = filter with { Start = (filter.AsOf - DefaultRange).UtcDateTime };
        return filter is not null;
    }

    private PostFilter From(PostListRequest request, CursorSeal seal, QueryFields fields)
    {
        if (fields.Cursor(request.Cursor, text => PostCursor.TryDecode(seal, Scope, text)) is not { } cursor)
            return this;
        if (!string.IsNullOrEmpty(request.Sort) && cursor.Sort != Sort)
            fields.Refuse("cursor", "The cursor belongs to another sort.");
        return this with { Cursor = cursor, Sort = cursor.Sort, AsOf = cursor.AsOf };
    }

    // Parted by what no value can hold. Neither the sort, which the cursor carries, nor the size of a page, which may change from page to page.
    private string ScopeOf() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Names(Subreddits)}\0{Author?.ToLowerInvariant()}\0{Flair?.ToLowerInvariant()}\0{Trending}\0{Over18}\0{MinScore}\0{MaxScore}\0{Sentiment}\0{MinSentiment:R}\0{MaxSentiment:R}\0{Names(Keywords)}\0{Text}\0{Start?.Ticks}\0{End?.Ticks}\0{string.Join(',', Phases)}");

    private static string Names(string[] names) => string.Join(',', names.Select(name => name.ToLowerInvariant()).Order(StringComparer.Ordinal));

    /// <summary>What only several values together tell.</summary>
    private void Check(QueryFields fields)
    {
        if (Start >= End)
            fields.Refuse("end", "end must not lie before start.");
        if (MinScore > MaxScore)
            fields.Refuse("max_score", "max_score must not be below min_score.");
        if (MinSentiment > MaxSentiment)
            fields.Refuse("max_sentiment", "max_sentiment must not be below min_sentiment.");
        if (Sort == PostSort.Relevance && Text is null)
            fields.Refuse("sort", "sort can be relevance only with q.");
    }

    internal static short[] ParsePhases(string? value, QueryFields fields)
    {
        var phases = new SortedSet<short>();
        foreach (var name in fields.Texts("phase", value, SurgePhaseNames.All.Count))
        {
            if (SurgePhaseNames.Number(name) is { } phase)
                phases.Add(phase);
            else
                fields.Refuse("phase", $"phase must be one of {string.Join(", ", SurgePhaseNames.All)}, or several of them with commas.");
        }

        return [.. phases];
    }

    private static PostSort ParseSort(string? value, QueryFields fields)
    {
        if (string.IsNullOrEmpty(value))
            return PostSort.New;
        // Numbers are names to Enum.TryParse, but not to a reader of the documentation.
        if (Enum.TryParse<PostSort>(value, ignoreCase: true, out var sort) && char.IsLetter(value[0]) && Enum.IsDefined(sort))
            return sort;
        fields.Refuse("sort", "sort must be new, score, velocity, trending, surge, momentum or, with q, relevance.");
        return PostSort.New;
    }
}
