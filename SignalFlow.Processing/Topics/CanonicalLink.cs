namespace SignalFlow.Processing.Topics;

/// <summary>
/// What an address points to, without what differs between copies of it: scheme, www. and m., fragment, trailing slash, case of the host, parameters that
/// only track, and the order of the others.
/// </summary>
internal static class CanonicalLink
{
    /// <summary>
    /// Reddit itself, and hosts where every upload has an address of its own, so that the title says more about the story. Their subdomains as well.
    /// </summary>
    private static readonly string[] Uploads =
    [
        "reddit.com", "redd.it", "redditmedia.com", "redditstatic.com", "imgur.com", "gfycat.com", "redgifs.com", "giphy.com", "flickr.com",
        "staticflickr.com", "tumblr.com", "streamable.com", "minus.com", "quickmeme.com", "qkme.me", "imgflip.com", "tinypic.com", "photobucket.com",
        "postimg.cc", "ibb.co", "mega.nz", "mega.co.nz", "discordapp.com", "pinimg.com", "deviantart.com", "deviantart.net",
    ];

    private static readonly string[] Tracking =
    [
        "ref", "ref_src", "ref_url", "source", "fbclid", "gclid", "igshid", "mc_cid", "mc_eid", "cmpid", "smid", "feature", "si", "ck_subscriber_id",
    ];

    /// <returns>False for addresses that are no page on the web, a site's front page, Reddit's own pages and uploads.</returns>
    public static bool TryHash(string url, out ulong hash)
    {
        hash = 0;
        if (!TrySplit(url, out var host, out var path))
            return false;
        var mark = path.IndexOf('?');
        var query = mark >= 0 ? path[(mark + 1)..] : default;
        path = (mark >= 0 ? path[..mark] : path).TrimEnd('/');
        if (host.Equals("youtu.be", StringComparison.OrdinalIgnoreCase) && path.Length > 1)
            return HashVideo(path[1..], out hash);
        if (IsUpload(host))
            return false;

        var parameters = HashParameters(query, out var count);
        if (path.IsEmpty && count == 0)
            return false;
        if (host.Equals("youtube.com", StringComparison.OrdinalIgnoreCase))
            return Video(query) is { IsEmpty: false } video && HashVideo(video, out hash);

        hash = AddLower(StableHash.Seed, host);
        hash = StableHash.Finish(StableHash.Add(hash, path) + parameters);
        return true;
    }

    /// <returns>The host of an address on the web, without www. and m.; false where <see cref="TryHash"/> sees Reddit or an upload.</returns>
    public static bool TryHost(string url, out ReadOnlySpan<char> host) => TrySplit(url, out host, out _) && !IsUpload(host);

    /// <param name="path">What follows the host, query included, fragment not.</param>
    private static bool TrySplit(string url, out ReadOnlySpan<char> host, out ReadOnlySpan<char> path)
    {
        host = default;
        path = default;
        var rest = url.AsSpan().Trim();
        if (rest.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            rest = rest[8..];
        else if (rest.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
            rest = rest[7..];
        else
            return false;

        if (rest.IndexOf('#') is var fragment and >= 0)
            rest = rest[..fragment];
        var hostLength = rest.IndexOfAny('/', '?');
        if (hostLength <= 0)
            return false;

        host = WithoutPrefix(rest[..hostLength]);
        path = rest[hostLength..];
        return true;
    }

    private static ReadOnlySpan<char> WithoutPrefix(ReadOnlySpan<char> host) =>
        host.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? host[4..]
        : host.StartsWith("m.", StringComparison.OrdinalIgnoreCase) ? host[2..]
        : host;

    private static bool IsUpload(ReadOnlySpan<char> host)
    {
        foreach (var upload in Uploads)
        {
            if (host.EndsWith(upload, StringComparison.OrdinalIgnoreCase)
                && (host.Length == upload.Length || host[^(upload.Length + 1)] == '.'))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HashVideo(ReadOnlySpan<char> id, out ulong hash)
    {
        hash = StableHash.Finish(StableHash.Add(StableHash.Add(StableHash.Seed, "youtube.com/"), id));
        return true;
    }

    private static ReadOnlySpan<char> Video(ReadOnlySpan<char> query)
    {
        foreach (var range in query.Split('&'))
        {
            if (query[range] is ['v', '=', .. var id])
                return id;
        }

        return default;
    }

    /// <summary>A sum, so that their order does not count.</summary>
    private static ulong HashParameters(ReadOnlySpan<char> query, out int count)
    {
        var sum = 0UL;
        count = 0;
        foreach (var range in query.Split('&'))
        {
            var parameter = query[range];
            if (parameter.IsEmpty || IsTracking(parameter))
                continue;
            sum += StableHash.Finish(StableHash.Add(StableHash.Seed, parameter));
            count++;
        }

        return sum;
    }

    private static bool IsTracking(ReadOnlySpan<char> parameter)
    {
        if (parameter.StartsWith("utm_", StringComparison.OrdinalIgnoreCase))
            return true;
        var name = parameter.IndexOf('=') is var length and >= 0 ? parameter[..length] : parameter;
        foreach (var tracking in Tracking)
        {
            if (name.Equals(tracking, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static ulong AddLower(ulong hash, ReadOnlySpan<char> text)
    {
        foreach (var c in text)
            hash = StableHash.Add(hash, char.ToLowerInvariant(c));
        return hash;
    }
}
