using System.Collections.Frozen;

namespace SignalFlow.Processing.Terms;

/// <summary>Words of the platform and of its habits, and names so wide that they say nothing: no terms, and no phrase has one.</summary>
internal static class NoiseWords
{
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Words = FrozenSet.Create(
        StringComparer.Ordinal,
        "reddit", "redditor", "redditors", "reddit's", "subreddit", "subreddits", "subs", "upvote", "upvotes", "upvoted", "downvote", "downvotes",
        "karma", "mod", "mods", "moderator", "moderators", "repost", "reposts", "reposted", "crosspost", "cross-post", "xpost", "x-post", "op", "oc",
        "til", "psa", "ama", "eli5", "tifu", "dae", "ysk", "lpt", "mrw", "mfw", "iama", "nsfw", "nsfl", "sfw", "flair", "megathread", "thread",
        "threads", "discussion", "weekly", "daily", "monthly", "update", "updates", "updated", "edit", "fixed", "serious", "rant", "meme", "memes",
        "irl", "me_irl", "u.s.", "u.s", "us", "usa", "america", "american", "americans", "ask", "title", "link", "links", "album", "imgur", "gif",
        "gifs", "pic", "pics", "video", "videos", "youtube", "vol", "pt", "part", "ep", "episode", "week", "month", "year", "today", "tomorrow",
        "yesterday", "tonight", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march",
        "april", "june", "july", "august", "september", "october", "november", "december").GetAlternateLookup<ReadOnlySpan<char>>();

    public static bool Contains(ReadOnlySpan<char> lowered) => Words.Contains(lowered);
}
