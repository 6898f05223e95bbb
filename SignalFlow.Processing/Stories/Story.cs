using System.Runtime.InteropServices;

namespace SignalFlow.Processing.Stories;

/// <summary>
/// Posts that tell the same. Its centroid is the sum of its posts' words, each post halved every six hours; of more than 16 words the lightest are dropped.
/// </summary>
internal sealed class Story(long id, int number, StoryPost first)
{
    public const int MaxWords = 16;
    public const int MaxSubreddits = 100;
    public const int LabelWords = 4;

    /// <summary>Two words are a name, of which many stories are told.</summary>
    public const int LeastShared = 3;

    public static readonly TimeSpan HalfLife = TimeSpan.FromHours(6);

    private readonly List<StorySpread> _spread = [new(first.Subreddit, first.CreatedAt, 0)];
    private Word[] _words = [];
    private int _wordCount;
    private Story? _into;

    public long Id => id;

    /// <summary>Stories are numbered in the order of their first posts; the lower number keeps its id when two become one.</summary>
    public int Number => number;

    public int Posts { get; private set; }

    /// <summary>The earliest creation.</summary>
    public DateTimeOffset FirstSeen { get; private set; } = first.CreatedAt;

    /// <summary>When its last post came.</summary>
    public DateTimeOffset LastAt { get; private set; } = first.SeenAt;

    /// <summary>By subreddit, the earliest first: the first hundred subreddits that it reached.</summary>
    public IReadOnlyList<StorySpread> Spread =>
        [.. _spread.OrderBy(part => part.FirstSeen).ThenBy(part => part.Subreddit, StringComparer.Ordinal)];

    /// <summary>Itself, or what it has become part of.</summary>
    public Story Current
    {
        get
        {
            var story = this;
            while (story._into is { } into)
                story = into;
            if (story != this)
                _into = story;
            return story;
        }
    }

    public void Add(StoryPost post, ReadOnlySpan<StoryWord> words)
    {
        var fading = Fading(post.SeenAt);
        for (var i = 0; i < _wordCount; i++)
            _words[i].Weight *= fading;
        LastAt = post.SeenAt;
        Posts++;
        Count(new StorySpread(post.Subreddit, post.CreatedAt, 1));
        foreach (var word in words)
            AddWord(new Word(post.Title, word, 1));
    }

    public void Absorb(Story other)
    {
        var later = LastAt > other.LastAt ? LastAt : other.LastAt;
        var fading = Fading(later);
        for (var i = 0; i < _wordCount; i++)
            _words[i].Weight *= fading;
        fading = other.Fading(later);
        for (var i = 0; i < other._wordCount; i++)
            AddWord(other._words[i] with { Weight = other._words[i].Weight * fading });
        LastAt = later;
        Posts += other.Posts;
        foreach (var part in other._spread)
            Count(part);
        other._into = this;
        (other._words, other._wordCount) = ([], 0);
        other._spread.Clear();
    }

    /// <summary>The cosine between a title's words and the centroid, both weighted by rarity; 0 unless three words are the same.</summary>
    /// <param name="rarity">Of each of the words.</param>
    public double Similarity(ReadOnlySpan<StoryWord> words, ReadOnlySpan<double> rarity, WordFrequencies frequencies)
    {
        Span<sbyte> places = stackalloc sbyte[MaxWords];
        if (Shared(words, places) < LeastShared)
            return 0;

        var (dot, title, centroid) = (0.0, 0.0, 0.0);
        for (var i = 0; i < words.Length; i++)
            title += rarity[i] * rarity[i];
        for (var i = 0; i < _wordCount; i++)
        {
            ref readonly var word = ref _words[i];
            var weight = word.Weight * (places[i] >= 0 ? rarity[places[i]] : frequencies.Rarity(word.Hash, word.IsWeak));
            centroid += weight * weight;
            dot += places[i] >= 0 ? weight * rarity[places[i]] : 0;
        }

        return dot / Math.Sqrt(title * centroid);
    }

    /// <summary>Its words that are frequent in it and rare elsewhere (c-TF-IDF, Grootendorst 2022), as they are written, the weightiest first.</summary>
    public string Label(WordFrequencies frequencies)
    {
        var words = _words.AsSpan(0, _wordCount).ToArray();
        var weights = Array.ConvertAll(words, word => -word.Weight * frequencies.Rarity(word.Hash, word.IsWeak));
        Array.Sort(weights, words);
        return string.Join(", ", words.Take(LabelWords).Select(word => word.Title.Substring(word.Start, word.Length)));
    }

    /// <param name="places">Of each word of the centroid, its place in the title; -1 of one that is not there.</param>
    private int Shared(ReadOnlySpan<StoryWord> words, Span<sbyte> places)
    {
        var shared = 0;
        for (var i = 0; i < _wordCount; i++)
        {
            places[i] = -1;
            for (var j = 0; j < words.Length; j++)
            {
                if (words[j].Hash != _words[i].Hash)
                    continue;
                places[i] = (sbyte)j;
                shared++;
                break;
            }
        }

        return shared;
    }

    private float Fading(DateTimeOffset at) => (float)Math.Pow(0.5, Math.Max(0, (at - LastAt) / HalfLife));

    private void Count(StorySpread part)
    {
        FirstSeen = part.FirstSeen < FirstSeen ? part.FirstSeen : FirstSeen;
        foreach (ref var known in CollectionsMarshal.AsSpan(_spread))
        {
            if (!known.Subreddit.Equals(part.Subreddit, StringComparison.OrdinalIgnoreCase))
                continue;
            known = known with { Posts = known.Posts + part.Posts, FirstSeen = part.FirstSeen < known.FirstSeen ? part.FirstSeen : known.FirstSeen };
            return;
        }

        if (_spread.Count < MaxSubreddits)
            _spread.Add(part);
    }

    private void AddWord(Word added)
    {
        var lightest = 0;
        for (var i = 0; i < _wordCount; i++)
        {
            if (_words[i].Hash == added.Hash)
            {
                _words[i].Weight += added.Weight;
                return;
            }

            if (_words[i].Weight < _words[lightest].Weight)
                lightest = i;
        }

        if (_wordCount < MaxWords)
        {
            if (_wordCount == _words.Length)
                Array.Resize(ref _words, Math.Min(MaxWords, Math.Max(4, _wordCount * 2)));
            _words[_wordCount++] = added;
        }
        else if (_words[lightest].Weight < added.Weight)
        {
            _words[lightest] = added;
        }
    }

    private record struct Word(string Title, uint Hash, float Weight, ushort Start, ushort Length, bool IsWeak)
    {
        public Word(string title, StoryWord word, float weight)
            : this(title, word.Hash, weight, word.Start, word.Length, word.IsWeak)
        {
        }
    }
}

/// <summary>A story in one subreddit.</summary>
internal readonly record struct StorySpread(string Subreddit, DateTimeOffset FirstSeen, int Posts)
{
    /// <summary>How many minutes after the story's first post.</summary>
    public double LagMinutes(Story story) => (FirstSeen - story.FirstSeen).TotalMinutes;
}
