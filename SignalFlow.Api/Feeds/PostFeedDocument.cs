using System.Text;
using System.Text.Json;
using System.Xml;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Feeds;

/// <summary>Posts as feed readers take them: Atom (RFC 4287) or JSON Feed 1.1. Nothing in it changes while the posts are the same.</summary>
/// <param name="Self">Its own address.</param>
/// <param name="Home">Of the pages that it belongs to.</param>
internal sealed record PostFeedDocument(string Title, string Self, string Home, IReadOnlyList<PostView> Posts)
{
    private const string AtomNamespace = "http://www.w3.org/2005/Atom";

    public const string AtomType = "application/atom+xml; charset=utf-8";
    public const string JsonType = "application/feed+json; charset=utf-8";

    /// <summary>When the newest post came; null without any.</summary>
    public DateTimeOffset? Newest => Posts.Count == 0 ? null : Posts.Max(post => post.FirstSeenAt);

    public byte[] Atom()
    {
        using var content = new MemoryStream();
        using (var xml = XmlWriter.Create(content, new() { Encoding = new UTF8Encoding(false), Indent = true }))
        {
            xml.WriteStartElement("feed", AtomNamespace);
            Text(xml, "title", Title);
            Text(xml, "id", Self);
            Text(xml, "updated", Time(Newest ?? DateTimeOffset.UnixEpoch));
            Link(xml, "self", Self);
            Link(xml, "alternate", Home);
            foreach (var post in Posts)
                Entry(xml, post);
            xml.WriteEndElement();
        }

        return content.ToArray();
    }

    public byte[] Json()
    {
        var feed = new JsonFeed("https://jsonfeed.org/version/1.1", Title, Self, Home, [.. Posts.Select(post => new JsonFeedItem
        {
            Id = IdOf(post),
            Url = AddressOf(post),
            ExternalUrl = LinkOf(post),
            Title = post.Title,
            ContentText = Summary(post),
            DatePublished = post.CreatedUtc,
            Authors = post.Author is { } author ? [new(author)] : [],
            Tags = [post.Subreddit],
        })]);
        return JsonSerializer.SerializeToUtf8Bytes(feed, Answers.Answers.Json.GetTypeInfo(typeof(JsonFeed)));
    }

    private static void Entry(XmlWriter xml, PostView post)
    {
        xml.WriteStartElement("entry", AtomNamespace);
        Text(xml, "id", IdOf(post));
        Text(xml, "title", post.Title);
        Text(xml, "published", Time(post.CreatedUtc));
        Text(xml, "updated", Time(post.FirstSeenAt));
        Link(xml, "alternate", AddressOf(post));
        if (LinkOf(post) is { } url)
            Link(xml, "related", url);
        xml.WriteStartElement("author", AtomNamespace);
        Text(xml, "name", post.Author ?? "[unknown]");
        xml.WriteEndElement();
        xml.WriteStartElement("category", AtomNamespace);
        xml.WriteAttributeString("term", Valid(post.Subreddit));
        xml.WriteEndElement();
        Text(xml, "summary", Summary(post));
        xml.WriteEndElement();
    }

    private static void Text(XmlWriter xml, string name, string text) => xml.WriteElementString(name, AtomNamespace, Valid(text));

    private static void Link(XmlWriter xml, string relation, string address)
    {
        xml.WriteStartElement("link", AtomNamespace);
        xml.WriteAttributeString("rel", relation);
        xml.WriteAttributeString("href", Valid(address));
        xml.WriteEndElement();
    }

    // Neither counters nor ages, which would make the feed another at every look.
    private static string Summary(PostView post) => $"r/{post.Subreddit}{(post.Author is { } author ? $", by {author}" : "")}";

    private static string IdOf(PostView post) => $"https://www.reddit.com/comments/{post.Id}/";

    private static string AddressOf(PostView post) => post.Permalink is { } path && path.StartsWith('/') ? $"https://www.reddit.com{path}" : IdOf(post);

    /// <summary>Readers of feeds make links of it: it leads to the web, or nowhere. An address of another kind may run what its author wrote.</summary>
    private static string? LinkOf(PostView post) =>
        Uri.TryCreate(post.Url, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp) ? post.Url : null;

    private static string Time(DateTimeOffset instant) => XmlConvert.ToString(instant.UtcDateTime, XmlDateTimeSerializationMode.Utc);

    // XML has no way to write some characters at all.
    private static string Valid(string text)
    {
        var valid = new StringBuilder(text.Length);
        for (var index = 0; index < text.Length; index++)
        {
            if (XmlConvert.IsXmlChar(text[index]))
                valid.Append(text[index]);
            else if (index + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[index + 1], text[index]))
                valid.Append(text[index]).Append(text[++index]);
        }

        return valid.ToString();
    }
}
