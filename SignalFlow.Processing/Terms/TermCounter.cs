using System.Runtime.InteropServices;
using SignalFlow.Processing.Topics;

namespace SignalFlow.Processing.Terms;

/// <summary>Counts the terms of one bucket, author after author, so that a term's last author tells whether the next one is another.</summary>
internal sealed class TermCounter
{
    // Sites where everybody uploads; what their users link to there has nothing in common.
    private static readonly string[] Platforms =
        ["youtube.com", "youtu.be", "twitter.com", "x.com", "github.com", "medium.com", "facebook.com", "instagram.com", "tiktok.com", "wikipedia.org"];

    private readonly TermReader _reader = new();
    private readonly Dictionary<string, Tally> _terms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tally>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly Dictionary<string, int> _subreddits = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int> _domains = new(StringComparer.OrdinalIgnoreCase);
    private int _author;

    public TermCounter() => _bySpan = _terms.GetAlternateLookup<ReadOnlySpan<char>>();

    public int Posts { get; private set; }

    public void NextAuthor() => _author++;

    public void Add(TermPost post)
    {
        Posts++;
        var subreddit = Number(_subreddits.GetAlternateLookup<ReadOnlySpan<char>>(), post.Subreddit);
        var domain = post.Url is { } url && CanonicalLink.TryHost(url, out var host) && !IsPlatform(host)
            ? Number(_domains.GetAlternateLookup<ReadOnlySpan<char>>(), host)
            : 0;
        foreach (var term in _reader.Read(post.Title))
        {
            var text = _reader.TextOf(term);
            ref var tally = ref CollectionsMarshal.GetValueRefOrAddDefault(_bySpan, text, out _);
            tally ??= new Tally(term.Words);
            tally.Add(_author, Posts, subreddit, domain);
        }
    }

    public List<TermCount> Terms()
    {
        var terms = new List<TermCount>(_terms.Count);
        foreach (var (term, tally) in _terms)
            terms.Add(new TermCount(term, tally.Words, tally.Authors, tally.Posts, tally.Subreddits));
        terms.Sort((a, b) => string.CompareOrdinal(a.Term, b.Term));
        return terms;
    }

    private static bool IsPlatform(ReadOnlySpan<char> host)
    {
        foreach (var platform in Platforms)
        {
            if (host.EndsWith(platform, StringComparison.OrdinalIgnoreCase)
                && (host.Length == platform.Length || host[^(platform.Length + 1)] == '.'))
            {
                return true;
            }
        }

        return false;
    }

    private static int Number(Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> numbers, ReadOnlySpan<char> name)
    {
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, name, out var exists);
        if (!exists)
            number = numbers.Dictionary.Count;
        return number;
    }

    private sealed class Tally(int words)
    {
        private int _lastAuthor;
        private int _lastPost;
        private int _subreddit;
        private HashSet<int>? _subreddits;
        private Dictionary<int, int>? _domains;

        public int Words => words;

        public int Authors { get; private set; }

        public int Posts { get; private set; }

        public int Subreddits => _subreddits?.Count ?? (_subreddit > 0 ? 1 : 0);

        /// <param name="domain">0 of a post that leads to no site.</param>
        public void Add(int author, int post, int subreddit, int domain)
        {
            if (post == _lastPost)
                return;
            _lastPost = post;
            if (author != _lastAuthor)
            {
                if (domain > 0)
                {
                    ref var authors = ref CollectionsMarshal.GetValueRefOrAddDefault(_domains ??= [], domain, out _);
                    if (++authors > TermCounts.MaxAuthorsPerDomain)
                        return;
                }

                _lastAuthor = author;
                Authors++;
            }

            Posts++;
            if (_subreddit == 0)
                _subreddit = subreddit;
            else if (_subreddits is not null || subreddit != _subreddit)
                (_subreddits ??= [_subreddit]).Add(subreddit);
        }
    }
}
