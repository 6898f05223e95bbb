using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using SignalFlow.RedditSimulator.Corpus;
using SignalFlow.RedditSimulator.World;

namespace SignalFlow.RedditSimulator.Http;

/// <summary>A post as a thing of kind t3: the fields of the recordings that tell something, in the kinds they have there.</summary>
internal static class PostJson
{
    private static readonly SearchValues<char> HostCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");

    private const string Site = "https://www.reddit.com";

    /// <param name="json">Where to.</param>
    /// <param name="post">The post.</param>
    /// <param name="created">Real time of its creation.</param>
    /// <param name="rawJson">False: &amp;, &lt; and &gt; in texts become HTML entities.</param>
    public static void Write(Utf8JsonWriter json, in PostSnapshot post, DateTimeOffset created, bool rawJson)
    {
        json.WriteStartObject();
        json.WriteString("kind"u8, "t3"u8);
        json.WriteStartObject("data"u8);
        WriteIdentity(json, post);
        WriteText(json, "title"u8, post.Title, rawJson);
        WriteText(json, "selftext"u8, post.SelfText, rawJson);
        WriteAuthor(json, post);
        WriteSeconds(json, "created"u8, created);
        WriteSeconds(json, "created_utc"u8, created);
        WriteNumbers(json, post);
        WriteAddresses(json, post, rawJson);
        WriteState(json, post, rawJson);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Whole seconds with a ".0": Reddit's times are floats to every JSON reader.</summary>
    public static void WriteSeconds(Utf8JsonWriter json, ReadOnlySpan<byte> property, DateTimeOffset time)
    {
        json.WritePropertyName(property);
        Span<byte> digits = stackalloc byte[24];
        time.ToUnixTimeSeconds().TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
        ".0"u8.CopyTo(digits[length..]);
        json.WriteRawValue(digits[..(length + 2)], skipInputValidation: true);
    }

    private static void WriteIdentity(Utf8JsonWriter json, in PostSnapshot post)
    {
        var subreddit = post.Key.Subreddit;
        json.WriteString("id"u8, post.Id);
        json.WriteString("name"u8, "t3_" + post.Id);
        json.WriteString("subreddit"u8, subreddit.Name);
        json.WriteString("subreddit_id"u8, subreddit.FullName);
        json.WriteString("subreddit_name_prefixed"u8, "r/" + subreddit.Name);
        json.WriteString("subreddit_type"u8, "public"u8);
        json.WriteNumber("subreddit_subscribers"u8, subreddit.Subscribers);
    }

    private static void WriteAuthor(Utf8JsonWriter json, in PostSnapshot post)
    {
        json.WriteString("author"u8, post.Author);
        if (post.Author != "[deleted]")
            json.WriteString("author_fullname"u8, "t2_" + PostId.ToBase36((long)(SplitMix64.Mix(2, post.Author) >> 28)));

        json.WriteNull("author_flair_text"u8);
        json.WriteBoolean("author_is_blocked"u8, false);
        json.WriteBoolean("author_premium"u8, false);
    }

    private static void WriteNumbers(Utf8JsonWriter json, in PostSnapshot post)
    {
        json.WriteNumber("score"u8, post.Score);
        json.WriteNumber("ups"u8, post.Score);
        json.WriteNumber("downs"u8, 0);
        json.WritePropertyName("upvote_ratio"u8);
        Span<byte> ratio = stackalloc byte[32];
        // "1.0", not "1": a float in every recording.
        post.Ratio.TryFormat(ratio, out var length, "0.0#", CultureInfo.InvariantCulture);
        json.WriteRawValue(ratio[..length], skipInputValidation: true);
        json.WriteNumber("num_comments"u8, post.Comments);
        json.WriteNumber("num_crossposts"u8, 0);
        json.WriteNumber("gilded"u8, 0);
        json.WriteNumber("total_awards_received"u8, 0);
    }

    private static void WriteAddresses(Utf8JsonWriter json, in PostSnapshot post, bool rawJson)
    {
        json.WriteBoolean("is_self"u8, post.IsSelf);
        json.WriteString("permalink"u8, post.Permalink);
        if (post.Link is { } link)
        {
            WriteText(json, "url"u8, link, rawJson);
            WriteText(json, "url_overridden_by_dest"u8, link, rawJson);
            WriteDomain(json, link);
            json.WriteString("thumbnail"u8, "default"u8);
            json.WriteString("post_hint"u8, "link"u8);
        }
        else
        {
            json.WriteString("url"u8, Site + post.Permalink);
            json.WriteString("domain"u8, "self." + post.Key.Subreddit.Name);
            json.WriteString("thumbnail"u8, "self"u8);
        }

        json.WriteNull("media"u8);
        json.WriteBoolean("is_video"u8, false);
        json.WriteBoolean("is_reddit_media_domain"u8, false);
    }

    private static void WriteDomain(Utf8JsonWriter json, string link)
    {
        const string scheme = "https://";
        // Parsing an address takes longer than writing all the rest of a post; a plain host needs none.
        if (link.StartsWith(scheme, StringComparison.Ordinal))
        {
            var rest = link.AsSpan(scheme.Length);
            var host = rest[..Math.Max(0, rest.IndexOf('/'))];
            if (host.Length > 0 && host.IndexOfAnyExcept(HostCharacters) < 0)
            {
                json.WriteString("domain"u8, host);
                return;
            }
        }

        json.WriteString("domain"u8, Uri.TryCreate(link, UriKind.Absolute, out var address) ? address.Host : "");
    }

    private static void WriteState(Utf8JsonWriter json, in PostSnapshot post, bool rawJson)
    {
        if (post.Flair is { } flair)
            WriteText(json, "link_flair_text"u8, flair, rawJson);
        else
            json.WriteNull("link_flair_text"u8);

        var here = post.RemovedByCategory is null;
        json.WriteString("removed_by_category"u8, post.RemovedByCategory);
        json.WriteBoolean("is_robot_indexable"u8, here);
        json.WriteBoolean("is_crosspostable"u8, here);
        json.WriteBoolean("over_18"u8, post.Over18);
        json.WriteBoolean("hide_score"u8, post.HideScore);
        json.WriteBoolean("edited"u8, false);
        json.WriteBoolean("stickied"u8, false);
        json.WriteBoolean("locked"u8, false);
        json.WriteBoolean("archived"u8, false);
        json.WriteBoolean("spoiler"u8, false);
        json.WriteBoolean("quarantine"u8, false);
        json.WriteBoolean("is_original_content"u8, false);
        json.WriteBoolean("is_meta"u8, false);
        json.WriteBoolean("saved"u8, false);
        json.WriteBoolean("hidden"u8, false);
        json.WriteBoolean("visited"u8, false);
        json.WriteNull("distinguished"u8);
        json.WriteNull("likes"u8);
        json.WriteNull("banned_by"u8);
        json.WriteNull("approved_by"u8);
        json.WriteNull("suggested_sort"u8);
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> property, PostText text, bool rawJson)
    {
        if (text.Value is { } value)
        {
            json.WriteString(property, rawJson ? value : EscapeHtml(value));
            return;
        }

        json.WritePropertyName(property);
        json.WriteRawValue((rawJson ? text.Json : JsonText.EscapeHtml(text.Json)).Span, skipInputValidation: true);
    }

    private static string EscapeHtml(string text) => text.AsSpan().IndexOfAny("&<>") < 0
        ? text
        : new StringBuilder(text).Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").ToString();
}
