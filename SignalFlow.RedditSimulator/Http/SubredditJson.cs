using System.Text.Json;
using SignalFlow.RedditSimulator.World;

namespace SignalFlow.RedditSimulator.Http;

/// <summary>A subreddit as a thing of kind t5.</summary>
internal static class SubredditJson
{
    public static void Write(Utf8JsonWriter json, Subreddit subreddit, DateTimeOffset created)
    {
        json.WriteStartObject();
        json.WriteString("kind"u8, "t5"u8);
        json.WriteStartObject("data"u8);
        json.WriteString("display_name"u8, subreddit.Name);
        json.WriteString("display_name_prefixed"u8, "r/" + subreddit.Name);
        json.WriteString("title"u8, subreddit.Name);
        json.WriteString("name"u8, subreddit.FullName);
        json.WriteString("id"u8, subreddit.FullName.AsSpan(3));
        json.WriteString("url"u8, $"/r/{subreddit.Name}/");
        json.WriteString("public_description"u8, $"Simulated posts of {subreddit.Name}");
        json.WriteString("subreddit_type"u8, "public"u8);
        json.WriteNumber("subscribers"u8, subreddit.Subscribers);
        json.WriteNumber("active_user_count"u8, subreddit.Subscribers / 500);
        json.WriteNumber("accounts_active"u8, subreddit.Subscribers / 500);
        json.WriteBoolean("over18"u8, false);
        json.WriteBoolean("quarantine"u8, false);
        json.WriteString("lang"u8, "en"u8);
        PostJson.WriteSeconds(json, "created"u8, created);
        PostJson.WriteSeconds(json, "created_utc"u8, created);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
