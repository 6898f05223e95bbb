namespace SignalFlow.Processing.Topics;

/// <summary>
/// Which posts tell the same story: a number computed from the post alone, so that it is the same on every replica, in any order of arrival and after
/// any restart, without a look at other posts. A post that links to a page has the cluster of its canonical address; any other has that of the three
/// words of its title that say most. Case, punctuation, word order, plurals, stop words and a cross-post's note change nothing; of the other edits
/// those that leave the three words alone. Safe for concurrent use, allocates nothing.
/// </summary>
internal static class TopicCluster
{
    /// <returns>1 to 2^31 - 1, or null where the post has no link and its title no letter or digit.</returns>
    public static int? Of(string title, string? url)
    {
        if (url is not null && CanonicalLink.TryHash(url, out var link))
            return ToCluster(link);

        var signature = new TitleSignature();
        TitleWords.Collect(title, ref signature);
        return signature.IsEmpty ? null : ToCluster(signature.Hash());
    }

    /// <summary>Of a post that <see cref="Of"/> has none for, which tells no other's story: of its id.</summary>
    public static int OfPost(string id) => ToCluster(StableHash.Add(StableHash.Seed, id));

    /// <summary>31 bits, because the column and the contract are a signed integer: two of 60,000 stories meet by chance in every second data set.</summary>
    private static int ToCluster(ulong hash) => (int)Math.Max(1, StableHash.Finish(hash) >> 33);
}
