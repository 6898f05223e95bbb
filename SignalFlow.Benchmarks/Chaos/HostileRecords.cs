using System.Globalization;
using System.Text;
using System.Text.Json;
using SignalFlow.Contracts;

namespace SignalFlow.Benchmarks.Chaos;

/// <summary>Records that are no observations, each in a way of its own. All must become dead letters, unchanged, and harm nobody else.</summary>
internal static class HostileRecords
{
    private const int Mebibyte = 1 << 20;

    /// <summary>Key and value of every kind.</summary>
    public static IEnumerable<(string Kind, byte[]? Key, byte[]? Value)> All(PostObservation post)
    {
        var key = Encoding.UTF8.GetBytes(post.Id);
        var json = Json(post);
        yield return ("not JSON", key, "<html>503</html>"u8.ToArray());
        yield return ("nothing", key, []);
        yield return ("null", key, "null"u8.ToArray());
        yield return ("an array", key, "[]"u8.ToArray());
        yield return ("half", key, Encoding.UTF8.GetBytes(json[..(json.Length / 2)]));
        yield return ("two", key, Encoding.UTF8.GetBytes(json + json));
        yield return ("deep", key, Encoding.UTF8.GetBytes(new string('[', 2_000)));
        yield return ("wrong types", key, Encoding.UTF8.GetBytes(json.Replace("\"score\":", "\"score\":\"many\",\"x\":", StringComparison.Ordinal)));
        yield return ("no subreddit", key, Encoding.UTF8.GetBytes(json.Replace("\"subreddit\":", "\"subredit\":", StringComparison.Ordinal)));
        yield return ("no title", key, Text(post with { Title = "" }));
        yield return ("NUL in the title", key, Text(post with { Title = "a\0b" }));
        yield return ("NUL in the flair", key, Text(post with { Flair = "\0" }));
        yield return ("a title of a mebibyte", key, Text(post with { Title = new('x', Mebibyte) }));
        yield return ("a lone surrogate", key, Encoding.UTF8.GetBytes(json.Replace("\"title\":\"", "\"title\":\"\\ud800", StringComparison.Ordinal)));
        yield return (
            "broken UTF-8", key,
            [.. Encoding.UTF8.GetBytes(json.Replace("\"title\":\"", "\"title\":\"@@", StringComparison.Ordinal))
                .Select(value => value == (byte)'@' ? (byte)0xFF : value)]);
        yield return ("a share of 97", key, Text(post with { UpvoteRatio = 97 }));
        yield return ("a share below 0", key, Text(post with { UpvoteRatio = -0.1 }));
        yield return ("negative comments", key, Text(post with { NumComments = -1 }));
        yield return (
            "a score beyond 32 bits", key,
            Encoding.UTF8.GetBytes(json.Replace("\"score\":", "\"score\":3000000000,\"x\":", StringComparison.Ordinal)));
        yield return ("observed in 1970", key, Text(post with { ObservedAt = 1 }));
        yield return ("observed in 5000", key, Text(post with { ObservedAt = 95_617_584_000 }));
        yield return ("created at 1e300", key, Text(post with { CreatedUtc = 1e300 }));
        yield return ("an id of a thousand characters", null, Text(post with { Id = new('a', 1_000) }));
        yield return ("another key", "other"u8.ToArray(), Text(post));
        yield return ("removed for no reason", key, Text(post with { RemovedByCategory = "" }));
    }

    /// <param name="number">Another number is another post.</param>
    /// <param name="at">Unix seconds.</param>
    public static PostObservation Post(string kind, int number, double at)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{kind}{number}");
        return new()
        {
            Id = id,
            Title = $"The {kind} number {number} tells nothing",
            Subreddit = "chaos",
            Author = "chaos",
            CreatedUtc = Math.Floor(at),
            Score = 1,
            NumComments = 0,
            UpvoteRatio = 1,
            Permalink = $"/r/chaos/comments/{id}/",
            PollPriority = "aggressive",
            ObservedAt = Math.Round(at, 3),
        };
    }

    private static string Json(PostObservation post) => JsonSerializer.Serialize(post, ContractsJsonContext.Default.PostObservation);

    private static byte[] Text(PostObservation post) => JsonSerializer.SerializeToUtf8Bytes(post, ContractsJsonContext.Default.PostObservation);
}
