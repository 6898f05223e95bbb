using System.Text.Json;
using SignalFlow.RedditSimulator.World;

namespace SignalFlow.RedditSimulator.Http;

/// <summary>A listing of posts.</summary>
internal static class ListingJson
{
    /// <param name="json">Where to.</param>
    /// <param name="posts">What the listing shows.</param>
    /// <param name="page">Whether there is more before and after.</param>
    /// <param name="realTimeOf">The real time of a simulated instant.</param>
    /// <param name="rawJson">False: &amp;, &lt; and &gt; in texts become HTML entities.</param>
    public static void Write(
        Utf8JsonWriter json, IReadOnlyList<PostSnapshot> posts, ListingPage page, Func<TimeSpan, DateTimeOffset> realTimeOf, bool rawJson)
    {
        json.WriteStartObject();
        json.WriteString("kind"u8, "Listing"u8);
        json.WriteStartObject("data"u8);
        json.WriteNull("modhash"u8);
        json.WriteNumber("dist"u8, posts.Count);
        json.WriteStartArray("children"u8);
        foreach (var post in posts)
            PostJson.Write(json, post, realTimeOf(post.Key.Created), rawJson);

        json.WriteEndArray();
        WriteName(json, "after"u8, page.HasAfter ? posts[^1].Id : null);
        WriteName(json, "before"u8, page.HasBefore ? posts[0].Id : null);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteName(Utf8JsonWriter json, ReadOnlySpan<byte> property, string? id) =>
        json.WriteString(property, id is null ? null : "t3_" + id);
}
