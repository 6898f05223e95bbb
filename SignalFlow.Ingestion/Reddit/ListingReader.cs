using System.Text.Json;

namespace SignalFlow.Ingestion.Reddit;

/// <summary>
/// Reads the posts out of an answer: a listing, or an array of listings as comment pages are. Things of other kinds and fields that
/// are not needed are skipped without being materialised; a post that lacks something essential is left out and counted.
/// </summary>
internal static class ListingReader
{
    // Comment pages nest their replies deeper than the reader's default of 64.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 };

    // 9999-12-31, the end of what a date can say.
    private const double LastUnixSecond = 253_402_300_799;

    /// <exception cref="JsonException">The text is cut off, not JSON, or no listing.</exception>
    public static RedditListing Read(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, Options);
        var draft = new ListingDraft();
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                ReadListing(ref reader, draft);
        }
        else
        {
            ReadListing(ref reader, draft);
        }

        // Anything after the end is an error that only one more read discovers.
        reader.Read();
        return draft.Found
            ? new RedditListing(draft.Posts, draft.After, draft.Malformed)
            : throw new JsonException("The answer is not a listing.");
    }

    private static void ReadListing(ref Utf8JsonReader reader, ListingDraft draft)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var isData = reader.ValueTextEquals("data"u8);
            reader.Read();
            if (isData && reader.TokenType == JsonTokenType.StartObject)
                ReadListingData(ref reader, draft);
            else
                reader.Skip();
        }
    }

    private static void ReadListingData(ref Utf8JsonReader reader, ListingDraft draft)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueTextEquals("children"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartArray)
                    ReadChildren(ref reader, draft);
                else
                    reader.Skip();
            }
            else if (reader.ValueTextEquals("after"u8))
            {
                reader.Read();
                draft.After ??= JsonText.ReadString(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    private static void ReadChildren(ref Utf8JsonReader reader, ListingDraft draft)
    {
        draft.Found = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
                ReadChild(ref reader, draft);
            else
                reader.Skip();
        }
    }

    private static void ReadChild(ref Utf8JsonReader reader, ListingDraft draft)
    {
        // Reddit writes the kind first, but JSON promises no order.
        bool? isPost = null;
        RedditPost? post = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueTextEquals("kind"u8))
            {
                reader.Read();
                isPost = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("t3"u8);
                reader.Skip();
            }
            else
            {
                var isData = reader.ValueTextEquals("data"u8);
                reader.Read();
                if (isData && isPost != false && reader.TokenType == JsonTokenType.StartObject)
                    post = ReadPost(ref reader);
                else
                    reader.Skip();
            }
        }

        if (isPost != true)
            return;
        if (post is null)
            draft.Malformed++;
        else
            draft.Posts.Add(post);
    }

    private static RedditPost? ReadPost(ref Utf8JsonReader reader)
    {
        var draft = new PostDraft();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            ReadField(ref reader, ref draft);
        return draft.Build();
    }

    private static void ReadField(ref Utf8JsonReader reader, ref PostDraft draft)
    {
        var field = PostField(ref reader);
        reader.Read();
        switch (field)
        {
            case Field.Id: draft.Id = JsonText.ReadString(ref reader); break;
            case Field.Title: draft.Title = JsonText.ReadString(ref reader); break;
            case Field.Selftext: draft.Selftext = JsonText.ReadString(ref reader); break;
            case Field.Subreddit: draft.Subreddit = JsonText.ReadString(ref reader); break;
            case Field.Author: draft.Author = JsonText.ReadString(ref reader); break;
            case Field.CreatedUtc: draft.CreatedUtc = JsonText.ReadDouble(ref reader); break;
            case Field.Score: draft.Score = JsonText.ReadInt32(ref reader); break;
            case Field.NumComments: draft.NumComments = JsonText.ReadInt32(ref reader); break;
            case Field.UpvoteRatio: draft.UpvoteRatio = JsonText.ReadDouble(ref reader); break;
            case Field.Over18: draft.Over18 = JsonText.ReadBoolean(ref reader); break;
            case Field.Url: draft.Url = JsonText.ReadString(ref reader); break;
            case Field.Permalink: draft.Permalink = JsonText.ReadString(ref reader); break;
            case Field.Flair: draft.Flair = JsonText.ReadString(ref reader); break;
            case Field.RemovedByCategory: draft.RemovedByCategory = JsonText.ReadString(ref reader); break;
            default: reader.Skip(); break;
        }
    }

    // The length decides for most of the hundred names that a post has, so few of them are compared at all.
    private static Field PostField(ref Utf8JsonReader reader) => reader.ValueSpan.Length switch
    {
        2 when reader.ValueTextEquals("id"u8) => Field.Id,
        3 when reader.ValueTextEquals("url"u8) => Field.Url,
        5 when reader.ValueTextEquals("title"u8) => Field.Title,
        5 when reader.ValueTextEquals("score"u8) => Field.Score,
        6 when reader.ValueTextEquals("author"u8) => Field.Author,
        7 when reader.ValueTextEquals("over_18"u8) => Field.Over18,
        8 when reader.ValueTextEquals("selftext"u8) => Field.Selftext,
        9 when reader.ValueTextEquals("subreddit"u8) => Field.Subreddit,
        9 when reader.ValueTextEquals("permalink"u8) => Field.Permalink,
        11 when reader.ValueTextEquals("created_utc"u8) => Field.CreatedUtc,
        12 when reader.ValueTextEquals("num_comments"u8) => Field.NumComments,
        12 when reader.ValueTextEquals("upvote_ratio"u8) => Field.UpvoteRatio,
        15 when reader.ValueTextEquals("link_flair_text"u8) => Field.Flair,
        19 when reader.ValueTextEquals("removed_by_category"u8) => Field.RemovedByCategory,
        _ => Field.Other,
    };

    private enum Field
    {
        Other, Id, Title, Selftext, Subreddit, Author, CreatedUtc, Score, NumComments, UpvoteRatio, Over18, Url, Permalink, Flair,
        RemovedByCategory,
    }

    private sealed class ListingDraft
    {
        public List<RedditPost> Posts { get; } = new(capacity: 100);
        public string? After { get; set; }
        public int Malformed { get; set; }
        public bool Found { get; set; }
    }

    private ref struct PostDraft
    {
        public string? Id, Title, Selftext, Subreddit, Author, Url, Permalink, Flair, RemovedByCategory;
        public double? CreatedUtc, UpvoteRatio;
        public int? Score, NumComments;
        public bool Over18;

        public readonly RedditPost? Build() =>
            IsId(Id) && Title is not null && !string.IsNullOrEmpty(Subreddit)
            && CreatedUtc is { } created and > 0 and <= LastUnixSecond && Score is { } score && NumComments is { } comments
                ? new RedditPost
                {
                    Id = Id!,
                    Title = Title,
                    Subreddit = Subreddit,
                    CreatedUtc = created,
                    Score = score,
                    NumComments = comments,
                    Selftext = Selftext,
                    Author = Author,
                    UpvoteRatio = UpvoteRatio,
                    Over18 = Over18,
                    Url = Url,
                    Permalink = Permalink,
                    Flair = Flair,
                    RemovedBy = Removal.Of(RemovedByCategory, Title, Selftext),
                }
                : null;

        // Ids go back into request addresses.
        private static bool IsId(string? id)
        {
            if (id is not { Length: > 0 and <= 16 })
                return false;
            foreach (var character in id)
            {
                if (!char.IsAsciiLetterOrDigit(character))
                    return false;
            }

            return true;
        }
    }
}
