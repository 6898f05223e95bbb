using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Processing.Decoding;

/// <summary>A record that was understood.</summary>
/// <param name="Sample">When and what; of a post that is absent only hearsay.</param>
internal readonly record struct DecodedObservation(PostObservation Post, Sample Sample)
{
    /// <summary>Reddit shows the post no longer.</summary>
    public Purge? Purge => Post.RemovedByCategory is { } reason ? new(Sample.At, reason) : null;

    /// <summary>False: Reddit has said nothing of the post, so there is no observation.</summary>
    public bool IsObserved => Post.RemovedByCategory != PostRemoval.Absent;
}

/// <summary>Why a record can never be processed. <paramref name="Class"/> is a short stable word, fit for a metric label.</summary>
internal sealed record Poison(string Class, string Message)
{
    /// <summary>A record that only the database refuses.</summary>
    public static Poison Of(PostgresException refusal) => new("storage", refusal.SqlState.StartsWith("22", StringComparison.Ordinal)
        // Such a message quotes the value, and a log must not hold what Reddit may delete.
        ? $"PostgreSQL refuses a value with SQLSTATE {refusal.SqlState}."
        : $"PostgreSQL refuses it with SQLSTATE {refusal.SqlState}: {refusal.MessageText}");
}

/// <summary>
/// Turns a Kafka record into an observation, or says why it cannot be one. Everything that PostgreSQL or the pipeline would refuse
/// later is refused here, so one bad record never fails the batch it came with.
/// </summary>
internal static class ObservationDecoder
{
    private const int MaxIdLength = 32;
    private const int MaxNameLength = 100;
    // Reddit allows 300 characters in a title and 40,000 in a body; what is far beyond is not a post.
    private const int MaxTitleLength = 4_096;
    private const int MaxTextLength = 262_144;

    private static readonly double Earliest = new DateTimeOffset(2005, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();

    /// <param name="record">The record; a null key is allowed, the original system sends none.</param>
    /// <param name="now">Observations from further ahead than a day are refused: they would shadow every real one.</param>
    public static Poison? TryDecode(ConsumeResult<byte[], byte[]> record, DateTimeOffset now, out DecodedObservation observation)
    {
        observation = default;
        if (record.Message.Value is not { Length: > 0 } value)
            return new("empty", "The message has no value.");

        PostObservation? post;
        try
        {
            post = ObservationReader.Read(value);
        }
        catch (JsonException exception)
        {
            // What the reader of JSON says quotes the text, and a log must not hold what Reddit may delete.
            return new("json", exception.InnerException is JsonException
                ? $"The message is broken JSON at byte {exception.BytePositionInLine} of line {exception.LineNumber}."
                : exception.Message);
        }
        // Lone surrogates and invalid UTF-8 inside strings surface as this.
        catch (InvalidOperationException exception)
        {
            return new("text", exception.Message);
        }

        if (post is null)
            return new("json", "The message is the JSON value null.");

        var observedAt = post.ObservedAt ?? record.Message.Timestamp.UnixTimestampMs / 1e3;
        var refusal = CheckTexts(post) ?? CheckKey(record.Message.Key, post.Id) ?? CheckNumbers(post, observedAt, now);
        if (refusal is null)
            observation = new(post, new((long)Math.Round(observedAt * 1e6), post.Score, post.NumComments));
        return refusal;
    }

    /// <summary>Why an observation that is no record cannot be stored; null when it can.</summary>
    /// <param name="post">What was observed.</param>
    /// <param name="observedAt">When, in Unix seconds.</param>
    /// <param name="now">As for a record.</param>
    public static Poison? Check(PostObservation post, double observedAt, DateTimeOffset now) => CheckTexts(post) ?? CheckNumbers(post, observedAt, now);

    private static Poison? CheckTexts(PostObservation post) =>
        Required("id", post.Id, MaxIdLength)
        ?? Required("subreddit", post.Subreddit, MaxNameLength)
        ?? Required("title", post.Title, MaxTitleLength)
        ?? Optional("selftext", post.Selftext, MaxTextLength)
        ?? Optional("author", post.Author, MaxNameLength)
        ?? Optional("url", post.Url, MaxTextLength)
        ?? Optional("permalink", post.Permalink, MaxTitleLength)
        ?? Optional("flair", post.Flair, MaxTitleLength)
        ?? Optional("poll_priority", post.PollPriority, MaxNameLength)
        // An empty reason would say neither that the post is there nor that it has gone.
        ?? (post.RemovedByCategory is { } removed ? Required("removed_by_category", removed, MaxNameLength) : null);

    private static Poison? Required(string field, string value, int maxLength) =>
        string.IsNullOrEmpty(value) ? new("field", $"{field} is empty.") : Optional(field, value, maxLength);

    private static Poison? Optional(string field, string? value, int maxLength)
    {
        if (value is null)
            return null;
        if (value.Length > maxLength)
            return new("length", $"{field} has {value.Length} characters; {maxLength} are allowed.");
        // PostgreSQL's text cannot hold it.
        return value.Contains('\0', StringComparison.Ordinal) ? new("text", $"{field} holds a NUL character.") : null;
    }

    private static Poison? CheckKey(byte[]? key, string id)
    {
        if (key is null || key.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(id)))
            return null;
        return new("key", "The key is not the post's id, so the order of its observations is not kept.");
    }

    private static Poison? CheckNumbers(PostObservation post, double observedAt, DateTimeOffset now)
    {
        double latest = now.AddDays(1).ToUnixTimeSeconds();
        if (!(observedAt >= Earliest && observedAt <= latest))
            return new("range", $"observed_at is {observedAt}; it must lie between 2005 and tomorrow.");
        if (!(post.CreatedUtc >= Earliest && post.CreatedUtc <= latest))
            return new("range", $"created_utc is {post.CreatedUtc}; it must lie between 2005 and tomorrow.");
        if (post.NumComments < 0)
            return new("range", $"num_comments is {post.NumComments}; it cannot be negative.");
        if (post.UpvoteRatio is { } ratio and not (>= 0 and <= 1))
            return new("range", $"upvote_ratio is {ratio}; it must be between 0 and 1.");
        return null;
    }
}
