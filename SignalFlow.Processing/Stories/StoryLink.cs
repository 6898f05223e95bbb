using SignalFlow.Processing.Topics;

namespace SignalFlow.Processing.Stories;

/// <summary>
/// What a post's address has in common with that of a copy: the canonical link; of an upload its name, which a crosspost keeps; of an address of another
/// post that post's id. Reddit's <c>crosspost_parent</c> is not part of an observation; the address of a crosspost is that of the original.
/// </summary>
internal static class StoryLink
{
    private const int ShortestName = 5;

    // Sites whose last part of the path names one upload.
    private static readonly string[] Uploads = ["i.redd.it", "v.redd.it", "imgur.com", "gfycat.com", "redgifs.com", "streamable.com"];

    /// <summary>Other posts find the post by it.</summary>
    public static ulong OfPost(string id) => StableHash.Finish(StableHash.Add(StableHash.Add(StableHash.Seed, "t3_"), id));

    /// <returns>0 where the address tells nothing.</returns>
    public static ulong Of(string? url)
    {
        if (string.IsNullOrEmpty(url))
            return 0;
        if (PostIn(url) is { IsEmpty: false } post)
            return StableHash.Finish(StableHash.Add(StableHash.Add(StableHash.Seed, "t3_"), post));
        if (UploadIn(url) is { IsEmpty: false } upload)
            return StableHash.Finish(StableHash.Add(StableHash.Add(StableHash.Seed, "upload/"), upload));
        return CanonicalLink.TryHash(url, out var hash) ? hash : 0;
    }

    /// <summary>The id in /r/name/comments/ID/title/ or /gallery/ID, on Reddit or relative to it; not where a comment follows.</summary>
    private static ReadOnlySpan<char> PostIn(ReadOnlySpan<char> url)
    {
        if (!url.StartsWith('/') && !url.Contains("reddit.com/", StringComparison.OrdinalIgnoreCase))
            return default;

        var start = -1;
        foreach (var folder in (ReadOnlySpan<string>)["/comments/", "/gallery/"])
        {
            if (url.IndexOf(folder, StringComparison.Ordinal) is var index and >= 0)
                start = index + folder.Length;
        }

        if (start < 0)
            return default;
        var rest = url[start..];
        var end = rest.IndexOfAny('/', '?', '#');
        return end < 0 ? rest : rest[..end];
    }

    private static ReadOnlySpan<char> UploadIn(ReadOnlySpan<char> url)
    {
        var host = url.IndexOf("://", StringComparison.Ordinal) is var scheme and >= 0 ? url[(scheme + 3)..] : url;
        var path = host.IndexOf('/') is var slash and >= 0 ? host[slash..] : default;
        host = host[..(host.Length - path.Length)];
        var isUpload = false;
        foreach (var upload in Uploads)
        {
            isUpload |= host.EndsWith(upload, StringComparison.OrdinalIgnoreCase)
                && (host.Length == upload.Length || host[^(upload.Length + 1)] == '.');
        }

        if (!isUpload)
            return default;

        var end = path.IndexOfAny('?', '#');
        path = (end < 0 ? path : path[..end]).TrimEnd('/');
        var name = path[(path.LastIndexOf('/') + 1)..];
        if (name.LastIndexOf('.') is var dot and > 0)
            name = name[..dot];
        return name.Length >= ShortestName ? name : default;
    }
}
