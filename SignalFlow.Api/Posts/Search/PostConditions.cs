using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Posts.Search;

/// <summary>The conditions of a filter, parted by the table that they look at and by whether an index knows them.</summary>
/// <param name="filter">The filter.</param>
/// <param name="subreddits">The ids of the subreddits that it names; null: it names none.</param>
/// <param name="text">Its search; null: it has none.</param>
internal sealed class PostConditions(PostFilter filter, int[]? subreddits, TextQuery? text)
{
    /// <summary>Beyond every instant; and unlike no condition at all it leaves rows out that have none.</summary>
    private static readonly DateTime Never = DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc);

    public PostFilter Filter => filter;
    public int[]? Subreddits => subreddits;
    public TextQuery? Text => text;

    /// <summary>The filter asks for something in the text of a post.</summary>
    public bool ReadFeatures => IndexedByFeatures || filter.Sentiment is not null || text is not null;

    /// <summary>An index of the text features can tell which posts it may be.</summary>
    public bool IndexedByFeatures =>
        text is { IsIndexed: true } || filter.Keywords.Length > 0 || filter.MinSentiment is not null || filter.MaxSentiment is not null;

    /// <summary>Something beside an index decides which of its candidates are hits.</summary>
    public bool IndexIsInexact =>
        text is { HasPhrases: true } || filter.Sentiment is not null || filter is { Trending: false } or { Over18: false }
        || filter.MinScore is not null || filter.MaxScore is not null || filter.Tiers.Length > 0 || filter.Phases.Length > 0;

    /// <summary>An index of the posts can tell which posts it may be, in the order of the feed.</summary>
    public bool IndexedByPosts => subreddits is not null || IndexedBesideSubreddit;

    /// <inheritdoc cref="IndexedByPosts"/>
    public bool IndexedBesideSubreddit =>
        filter.Author is not null || filter.Flair is not null
        || filter is { Trending: true } or { Over18: true } or { MinScore: >= ScoreTiers.High } or { MaxScore: < 0 };

    /// <summary>The conditions that an index knows. Where it knows them by a name of their own, they are written as it has them.</summary>
    public IQueryable<Post> Indexed(IQueryable<Post> posts)
    {
        if (subreddits is [var only])
            posts = posts.Where(post => post.SubredditId == only);
        else if (subreddits is not null)
            posts = posts.Where(post => subreddits.Contains(post.SubredditId));
        if (filter.Author is { } author)
            posts = posts.Where(post => SignalFlowDbContext.Lower(post.Author!) == SignalFlowDbContext.Lower(author));
        if (filter.Flair is { } flair)
            posts = posts.Where(post => SignalFlowDbContext.Lower(post.Flair!) == SignalFlowDbContext.Lower(flair));
        if (filter.Trending == true)
            posts = posts.Where(post => post.IsTrending);
        if (filter.Over18 == true)
            posts = posts.Where(post => post.Over18);
        if (filter.MinScore >= ScoreTiers.Highest)
            posts = posts.Where(post => post.ScoreTier >= 2);
        else if (filter.MinScore >= ScoreTiers.High)
            posts = posts.Where(post => post.ScoreTier >= 1);
        if (filter.MaxScore < 0)
            posts = posts.Where(post => post.ScoreTier < 0);
        if (filter.Start is { } start)
            posts = posts.Where(post => post.CreatedUtc >= start);
        if (filter.End is { } end)
            posts = posts.Where(post => post.CreatedUtc < end);
        return posts;
    }

    /// <summary>The conditions that each post has to be read for.</summary>
    public IQueryable<Post> Rest(IQueryable<Post> posts)
    {
        posts = posts.Where(post => post.PurgedAt == null);
        if (filter.Trending == false)
            posts = posts.Where(post => !post.IsTrending);
        if (filter.Over18 == false)
            posts = posts.Where(post => !post.Over18);
        if (filter.Phases is { Length: > 0 } phases)
            posts = posts.Where(post => phases.Contains(post.Surge!.Phase));
        if (filter.Tiers is { Length: > 0 } tiers)
            posts = posts.Where(post => tiers.Contains(post.PollPriority));
        if (filter.MinScore is { } least)
            posts = posts.Where(post => post.CurrentScore >= least);
        if (filter.MaxScore is { } most)
            posts = posts.Where(post => post.CurrentScore <= most);
        // A search looks at the newest posts that match; those that have come meanwhile would push others out while one pages.
        if (filter.Sort == PostSort.Relevance)
        {
            var asOf = filter.AsOf.UtcDateTime;
            posts = posts.Where(post => post.FirstSeenAt <= asOf);
        }

        return posts;
    }

    /// <summary>The range of time, of the rows beside the posts.</summary>
    public IQueryable<PostNlp> InRange(IQueryable<PostNlp> features)
    {
        var end = filter.End ?? Never;
        features = features.Where(row => row.CreatedUtc < end);
        if (filter.Start is { } start)
            features = features.Where(row => row.CreatedUtc >= start);
        return features;
    }

    /// <summary>The conditions on the text of a post.</summary>
    public IQueryable<PostNlp> Matching(IQueryable<PostNlp> features) => Besides(text is null ? features : text.Matching(features));

    /// <summary>The rows that an index has to look at for <see cref="Matching"/>.</summary>
    public IQueryable<PostNlp> Candidates(IQueryable<PostNlp> features) => Besides(text is null ? features : text.Candidates(features));

    private IQueryable<PostNlp> Besides(IQueryable<PostNlp> features)
    {
        if (filter.Keywords is { Length: > 0 } keywords)
            features = features.Where(row => keywords.All(keyword => row.Keywords.Contains(keyword)));
        if (filter.Sentiment is { } label)
            features = features.Where(row => row.SentimentLabel == label);
        if (filter.MinSentiment is { } least)
            features = features.Where(row => row.SentimentScore >= least);
        if (filter.MaxSentiment is { } most)
            features = features.Where(row => row.SentimentScore <= most);
        return features;
    }
}
