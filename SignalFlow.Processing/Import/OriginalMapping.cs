using System.Text.Json;
using SignalFlow.Contracts;
using SignalFlow.Processing.Decoding;
using SignalFlow.Processing.Keywords;

namespace SignalFlow.Processing.Import;

/// <summary>What a row of the original is here, or why it cannot be anything. Held to the same rules as a message. Pure.</summary>
internal static class OriginalMapping
{
    private const string NoTime = "its time is missing, or not between 2005 and tomorrow";

    private static readonly long Earliest = Microseconds(new(2005, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <param name="row">A row of the history.</param>
    /// <param name="now">What is further ahead than a day is refused.</param>
    /// <param name="observation">If it can be one.</param>
    /// <returns>Why not; null: it can.</returns>
    public static string? TryMap(in OriginalHistoryRow row, DateTimeOffset now, out OriginalObservation observation) =>
        TryObserve(row.CapturedAt, row.Score, row.Comments, row.Ratio, now, out observation);

    /// <summary>
    /// The look that the row of the post itself tells of: the counters are those of its last poll or, of a post seen once, of the first sight.
    /// </summary>
    public static OriginalObservation? OfPost(OriginalPost post, DateTimeOffset now) =>
        TryObserve(post.LastPolledAt ?? post.FirstSeenAt, post.Score, post.Comments, post.Ratio, now, out var observation) is null ? observation : null;

    /// <param name="post">A row of the posts.</param>
    /// <param name="observations">All that there are of it, in order.</param>
    /// <param name="subreddit">Its name here.</param>
    /// <param name="now">As above.</param>
    /// <param name="newest">The post as its newest observation has it.</param>
    /// <returns>Why there is none; null: there is.</returns>
    public static string? TryMap(
        OriginalPost post, List<OriginalObservation> observations, string? subreddit, DateTimeOffset now, out PostObservation newest)
    {
        newest = null!;
        if (subreddit is null)
            return "it has no subreddit";
        if (post.CreatedUtc is not { } created)
            return "its created_utc is missing or infinite";
        if (observations.Count == 0)
            return "it has no time with score and comments, and no history";
        var (sample, ratio) = observations[^1];
        newest = new()
        {
            Id = post.Id,
            Title = post.Title ?? "",
            Subreddit = subreddit,
            // So the original writes the author who has deleted the account.
            Author = post.Author == "deleted" ? "[deleted]" : post.Author,
            CreatedUtc = created / 1e6,
            Score = sample.Score,
            NumComments = sample.Comments,
            UpvoteRatio = ratio,
            PollPriority = post.PollPriority,
        };
        // The numbers in the sentences of the others would make every row a reason of its own.
        return ObservationDecoder.Check(newest, sample.At / 1e6, now) switch
        {
            null => null,
            { Class: "length" } => "one of its texts is too long",
            { Class: "range" } => "its created_utc is not between 2005 and tomorrow",
            { } refusal => refusal.Message,
        };
    }

    public static double? Sentiment(OriginalFeatures features) => features.Sentiment is >= -1 and <= 1 ? features.Sentiment : null;

    /// <summary>The texts of the array; null where there is no array.</summary>
    public static string[]? Keywords(OriginalFeatures features)
    {
        if (features.Keywords is null)
            return null;
        using var json = JsonDocument.Parse(features.Keywords);
        return json.RootElement.ValueKind != JsonValueKind.Array
            ? null
            : [.. json.RootElement.EnumerateArray()
                .Where(element => element.ValueKind == JsonValueKind.String)
                .Select(element => Keyword(element.GetString()!))
                .Where(keyword => keyword.Length > 0)
                .Distinct()];
    }

    public static long Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static string? TryObserve(
        long? at, long? score, long? comments, double? ratio, DateTimeOffset now, out OriginalObservation observation)
    {
        observation = default;
        if (at is not { } time || time < Earliest || time > Microseconds(now.AddDays(1)))
            return NoTime;
        if (score is null || comments is null)
            return "its score or its number of comments is missing";
        if (score is < int.MinValue or > int.MaxValue || comments is < 0 or > int.MaxValue)
            return "its score or its number of comments is out of range";
        observation = new(new(time, (int)score, (int)comments), ratio is >= 0 and <= 1 ? ratio : null);
        return null;
    }

    private static string Keyword(string text)
    {
        var keyword = text.Trim().ToLowerInvariant();
        if (keyword.AsSpan().ContainsAnyInRange('\0', '\x1f'))
            keyword = string.Concat(keyword.Where(character => character > '\x1f'));
        return keyword.Length <= KeywordExtractor.MaxKeywordLength
            ? keyword
            // Not through the middle of a character.
            : keyword[..(KeywordExtractor.MaxKeywordLength - (char.IsHighSurrogate(keyword[KeywordExtractor.MaxKeywordLength - 1]) ? 1 : 0))];
    }
}
