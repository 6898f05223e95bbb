namespace SignalFlow.Processing.Terms;

/// <summary>What a term had in a bucket.</summary>
/// <param name="Authors">Distinct ones.</param>
/// <param name="Subreddits">Distinct ones.</param>
internal sealed record TermCount(string Term, int Words, int Authors, int Posts, int Subreddits);

/// <summary>
/// All terms of a bucket. A pure function of the posts: their order, repeats and posts of other buckets change nothing.
/// </summary>
/// <param name="Volume">Posts that were counted.</param>
/// <param name="Terms">In ordinal order.</param>
internal sealed record TermCounts(DateTimeOffset Bucket, int Volume, IReadOnlyList<TermCount> Terms)
{
    /// <summary>More posts of one author in a bucket do not count: the first ones do.</summary>
    public const int MaxPostsPerAuthor = 5;

    /// <summary>More authors of a term whose posts lead to one site do not count: a site that promotes itself is no trend.</summary>
    public const int MaxAuthorsPerDomain = 3;

    /// <param name="posts">At least those that <see cref="TermClock.Counts"/>.</param>
    public static TermCounts Of(DateTimeOffset bucket, IEnumerable<TermPost> posts)
    {
        var counter = new TermCounter();
        foreach (var group in Distinct(bucket, posts).GroupBy(AuthorOf).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            counter.NextAuthor();
            foreach (var post in group.Take(MaxPostsPerAuthor))
                counter.Add(post);
        }

        return new TermCounts(bucket, counter.Posts, counter.Terms());
    }

    private static List<TermPost> Distinct(DateTimeOffset bucket, IEnumerable<TermPost> posts)
    {
        var byId = new Dictionary<string, TermPost>(StringComparer.Ordinal);
        foreach (var post in posts)
        {
            // A bot's weekly thread is no author's choice of words.
            if (!TermClock.Counts(bucket, post) || post.Author is "AutoModerator")
                continue;
            if (!byId.TryGetValue(post.Id, out var other) || TermPost.Compare(post, other) < 0)
                byId[post.Id] = post;
        }

        var distinct = byId.Values.ToList();
        distinct.Sort(TermPost.Compare);
        return distinct;
    }

    private static string AuthorOf(TermPost post) => post.Author ?? "[deleted]";
}
