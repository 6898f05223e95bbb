using System.Runtime.InteropServices;

namespace SignalFlow.Processing.Stories;

/// <summary>
/// Finds the story of each post in turn. First by what it links to; then by the most similar title of the last 48 hours (MinHash and locality-sensitive
/// hashing, 64 values in 16 bands, an estimated Jaccard similarity of 0.7 or more, the same numbers); then by its words (the cosine to the centroid of
/// a story of the last day, single pass). Where link and title name different stories, these become one and keep the older one's number. The result
/// is a fold over the posts in the order of <see cref="StoryPost.Compare"/>: how they are cut into batches changes nothing, nor do repeats.
/// Not for concurrent use.
/// </summary>
internal sealed class StoryStream
{
    /// <summary>48 hours at 65,536 posts a day.</summary>
    public const int DefaultCapacity = 1 << 17;

    public const double LeastTitleSimilarity = 0.7;

    /// <summary>Titles of fewer words repeat without telling the same: "me irl".</summary>
    public const int LeastTitleWords = 3;

    private const int RarestWords = 5;

    public static readonly TimeSpan LiveFor = TimeSpan.FromHours(24);

    private readonly double _leastCosine;
    private readonly RecentPosts _posts;
    private readonly RecentIndex _index;
    private readonly WordFrequencies _frequencies;
    private readonly StoryTitle _title = new();
    private readonly uint[] _minima = new uint[TitleSketch.Hashes];
    private readonly byte[] _sketch = new byte[TitleSketch.Hashes];
    private readonly double[] _rarity = new double[StoryTitle.MaxWords];
    private StoryPost? _last;
    private int _stories;

    public StoryStream(int capacity = DefaultCapacity, double leastCosine = 0.6)
    {
        _leastCosine = leastCosine;
        _posts = new RecentPosts(capacity);
        _index = new RecentIndex(capacity);
        _frequencies = new WordFrequencies(capacity);
    }

    public int PostCount => _posts.Count;

    /// <summary>Puts the posts in order; none may come before those that were added already.</summary>
    public List<StoryAssignment> AddRange(IEnumerable<StoryPost> posts)
    {
        var ordered = posts.ToList();
        ordered.Sort(StoryPost.Compare);
        return ordered.ConvertAll(Add);
    }

    public StoryAssignment Add(StoryPost post)
    {
        if (Known(post) is { } known)
            return known;
        var (link, sketch) = Read(post);
        var byLink = FindLink(post, link);
        var (byTitle, similarity) = FindTitle(sketch);
        var evidence = byLink is not null ? StoryEvidence.Link : byTitle is not null ? StoryEvidence.Title : StoryEvidence.Words;
        var story = byLink ?? byTitle;
        long? absorbed = null;
        if (byLink is not null && byTitle is not null && byLink != byTitle)
        {
            (story, var younger) = byLink.Number < byTitle.Number ? (byLink, byTitle) : (byTitle, byLink);
            absorbed = younger.Id;
            story.Absorb(younger);
        }

        if (story is null)
            (story, similarity) = FindWords(post);
        if (story is null)
            (story, evidence, similarity) = (new Story(StoryId.Of(post.Id), _stories++, post), StoryEvidence.First, 1);
        else if (evidence == StoryEvidence.Link)
            similarity = 1;

        Store(post, story, evidence, link, sketch);
        return new StoryAssignment(post.Id, story.Id, evidence, similarity, absorbed);
    }

    /// <summary>
    /// Takes up where another process stopped: the posts of the last 48 hours, in order, with the stories that were stored of them. From then on
    /// decisions are those of the other process but where they hang on what is older: less than half a percent of a centroid.
    /// </summary>
    public void Restore(IEnumerable<(StoryPost Post, long Story)> posts)
    {
        var stories = new Dictionary<long, Story>();
        foreach (var (post, id) in posts)
        {
            if (Known(post) is not null)
                continue;
            var (link, sketch) = Read(post);
            ref var story = ref CollectionsMarshal.GetValueRefOrAddDefault(stories, id, out var exists);
            var evidence = exists ? StoryEvidence.Words : StoryEvidence.First;
            story ??= new Story(id, _stories++, post);
            IndexBands(sketch);
            Store(post, story, evidence, link, sketch);
        }
    }

    /// <returns>Null where no post of the last 48 hours has that id.</returns>
    public Story? Find(string postId) => _posts.FindById(StoryLink.OfPost(postId)) is { } post ? _posts.StoryOf(post) : null;

    public string LabelOf(Story story) => story.Label(_frequencies);

    private StoryAssignment? Known(StoryPost post)
    {
        if (_posts.FindById(StoryLink.OfPost(post.Id)) is { } seq)
            return new StoryAssignment(post.Id, _posts.StoryOf(seq).Id, _posts.EvidenceOf(seq), 1, null);
        if (_last is { } last && StoryPost.Compare(post, last) < 0)
            throw new ArgumentException($"Post {post.Id} comes before {last.Id}, which is already added.", nameof(post));
        return null;
    }

    private (ulong Link, byte[] Sketch) Read(StoryPost post)
    {
        _last = post;
        _posts.MakeRoom(post.SeenAt, _frequencies);
        _title.Read(post.Title);
        for (var i = 0; i < _title.Words.Length; i++)
            _rarity[i] = _frequencies.Rarity(_title.Words[i].Hash, _title.Words[i].IsWeak);
        if (_title.Count < LeastTitleWords || _title.Text.Length < TitleSketch.ShingleLength)
            return (StoryLink.Of(post.Url), []);
        TitleSketch.Write(_title.Text, _minima);
        TitleSketch.Compress(_minima, _sketch);
        return (StoryLink.Of(post.Url), _sketch);
    }

    private Story? FindLink(StoryPost post, ulong link)
    {
        // A copy may be seen before its original.
        var found = _posts.FindByLink(StoryLink.OfPost(post.Id));
        if (found is null && link != 0)
            found = _posts.FindByLink(link) ?? _posts.FindById(link);
        return found is { } seq ? _posts.StoryOf(seq) : null;
    }

    /// <summary>The most similar title, of equal ones the newest; and leaves the post's bands in the index.</summary>
    private (Story? Story, double Similarity) FindTitle(ReadOnlySpan<byte> sketch)
    {
        if (sketch.IsEmpty)
            return (null, 0);

        var (best, similarity, previous) = (-1, 0.0, -1);
        for (var band = 0; band < TitleSketch.Bands; band++)
        {
            var post = _index.ReplaceBand(band, TitleSketch.Band(_minima, band), _posts.Next);
            if (post == previous || post == best || !_posts.Holds(post) || _posts.NumbersOf(post) != _title.Numbers)
                continue;
            previous = post;
            var other = _posts.SketchOf(post);
            if (other.IsEmpty || TitleSketch.Similarity(sketch, other) is var found && (found < LeastTitleSimilarity || found < similarity))
                continue;
            if (found > similarity || post > best)
                (best, similarity) = (post, found);
        }

        return best < 0 ? (null, 0) : (_posts.StoryOf(best), similarity);
    }

    private void IndexBands(ReadOnlySpan<byte> sketch)
    {
        for (var band = 0; band < TitleSketch.Bands && !sketch.IsEmpty; band++)
            _index.ReplaceBand(band, TitleSketch.Band(_minima, band), _posts.Next);
    }

    private (Story? Story, double Similarity) FindWords(StoryPost post)
    {
        var (best, similarity) = ((Story?)null, _leastCosine);
        var words = _title.Words;
        if (words.Length < 2)
            return (null, 0);

        var rarity = _rarity.AsSpan(0, words.Length);
        Span<bool> used = stackalloc bool[StoryTitle.MaxWords];
        for (var i = 0; i < Math.Min(RarestWords, words.Length); i++)
        {
            var rarest = Rarest(rarity, used);
            used[rarest] = true;
            foreach (var place in _index.PostsWith(words[rarest].Hash))
            {
                if (!_posts.Holds(place - 1) || _posts.StoryOf(place - 1) is var story && (story == best || post.SeenAt - story.LastAt > LiveFor))
                    continue;
                var found = story.Similarity(words, rarity, _frequencies);
                if (found > similarity || (found == similarity && best is not null && story.Number < best.Number))
                    (best, similarity) = (story, found);
            }
        }

        return (best, best is null ? 0 : similarity);
    }

    private static int Rarest(ReadOnlySpan<double> rarity, ReadOnlySpan<bool> used)
    {
        var rarest = -1;
        for (var i = 0; i < rarity.Length; i++)
        {
            if (!used[i] && (rarest < 0 || rarity[i] > rarity[rarest]))
                rarest = i;
        }

        return rarest;
    }

    private void Store(StoryPost post, Story story, StoryEvidence evidence, ulong link, ReadOnlySpan<byte> sketch)
    {
        story.Add(post, _title.Words);
        foreach (var word in _title.Words)
            _index.AddWord(word.Hash, _posts.Next);
        _posts.Add(new(story, post.SeenAt, StoryLink.OfPost(post.Id), link, _title.Numbers, evidence), _title.Words, sketch);
        _frequencies.Add(_posts.WordsOf(_posts.Next - 1));
    }
}
