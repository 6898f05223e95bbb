using SignalFlow.Contracts;

namespace SignalFlow.Api.Live;

/// <summary>What waits for a client: a message, or updates that have become one, or a snapshot that is still being read.</summary>
/// <param name="message">Null: a snapshot that will come.</param>
/// <param name="after">Updates up to here are not for the client.</param>
internal sealed class LiveMail(LiveMessage? message, long after)
{
    // A client that takes little at a time holds little of our memory at a time.
    private const int MostOfOwn = 100;

    private LiveMessage? _message = message;
    private OrderedDictionary<string, LivePost>? _own;
    private long? _sequence = message?.Sequence;
    private bool _isThere = message is not null;
    private int _missed;

    public long After => after;

    /// <summary>What the sequence of a snapshot can say.</summary>
    public long? UpTo { get; init; }

    public bool IsUpdate => _own is not null || _message is { Type: LiveMessage.Update };

    public bool IsThere => _isThere;

    public bool IsEmpty => _message is null && _own is not { Count: > 0 };

    /// <summary>What its client sees from here on.</summary>
    public LiveSnapshot? Snapshot { get; private set; }

    /// <param name="text">Null: nothing of it needs to be said.</param>
    /// <param name="snapshot">What was read.</param>
    public void Arrive(LiveMessage? text, LiveSnapshot snapshot) => (_message, Snapshot, _isThere) = (text, snapshot, true);

    public void Add(LiveMessage update, int most)
    {
        _own ??= [];
        if (_message is { } first)
        {
            foreach (var post in first.Posts)
                _own[post.Id] = post;
            _message = null;
        }

        foreach (var post in update.Posts)
            _own[post.Id] = post;
        for (; _own.Count > most; _missed++)
            _own.RemoveAt(0);
        _sequence = update.Sequence;
    }

    /// <returns>How many states have been passed over since it was last asked; null: none.</returns>
    public int? TakeMissed()
    {
        if (_missed == 0)
            return null;
        var missed = _missed;
        _missed = 0;
        return missed;
    }

    /// <summary>The next message of it, without what its client has seen in <paramref name="shown"/>; null: there is nothing new in it.</summary>
    public LiveMessage? Take(LiveSnapshot? shown)
    {
        if (_message is { } message)
        {
            _message = null;
            if (message.Type != LiveMessage.Update || Snapshot is not null || (message.MinSequence > after && shown?.MayShow(message) != true))
                return message;
            var news = message.Posts.Where(post => IsNew(post, shown)).ToList();
            return news.Count switch
            {
                0 => null,
                var count when count == message.Posts.Count => message,
                _ => LiveMessage.OfPosts(LiveMessage.Update, news, message.Sequence),
            };
        }

        var posts = new List<LivePost>();
        while (posts.Count < MostOfOwn && _own is { Count: > 0 })
        {
            // The newest last: removing them from the end moves nothing.
            var (_, post) = _own.GetAt(_own.Count - 1);
            _own.RemoveAt(_own.Count - 1);
            if (IsNew(post, shown))
                posts.Add(post);
        }

        return posts.Count == 0 ? null : LiveMessage.OfPosts(LiveMessage.Update, posts, IsEmpty ? _sequence : null);
    }

    private bool IsNew(LivePost post, LiveSnapshot? shown) => post.Sequence > after && shown?.Shows(post.View) != true;
}

/// <summary>The newest posts of a filter as the database had them, and thereby what their viewers have seen.</summary>
internal sealed class LiveSnapshot
{
    private readonly Dictionary<string, DateTimeOffset> _polledAt = [];
    private readonly DateTimeOffset _newest;

    public LiveSnapshot(IReadOnlyList<LivePost> posts)
    {
        Posts = posts;
        foreach (var post in posts)
        {
            _polledAt[post.Id] = post.View.LastPolledAt;
            _newest = post.View.LastPolledAt > _newest ? post.View.LastPolledAt : _newest;
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<LivePost> Posts { get; }

    /// <summary>False: all of it is newer.</summary>
    public bool MayShow(LiveMessage update) => update.MinPolledAt <= _newest;

    /// <summary>A snapshot has no purged posts, so the end of a post is always news.</summary>
    public bool Shows(PostView post) => !post.Purged && _polledAt.TryGetValue(post.Id, out var shown) && post.LastPolledAt <= shown;
}
