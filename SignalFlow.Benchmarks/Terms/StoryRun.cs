using SignalFlow.Benchmarks.Text;
using SignalFlow.Contracts;
using SignalFlow.Processing.Stories;

namespace SignalFlow.Benchmarks.Terms;

/// <summary>
/// Stories of the recorded posts as if they had all been written within a day, in an order drawn by a fixed seed. Pairs as in the evaluation of the
/// topic clusters (docs/decisions/0012-topics.md): the same normalised title of three words or more, or the same link, are to be found; a pair that is
/// found and is neither must share half of its subjects.
/// </summary>
internal sealed class StoryRun
{
    private const int EditedTitles = 2_000;
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    private readonly List<StoryPost> _posts;
    private readonly double _leastCosine;

    public StoryRun(List<PostObservation> posts, int seed, double leastCosine)
    {
        _leastCosine = leastCosine;
        var random = new Random(seed);
        var order = posts.ToArray();
        random.Shuffle(order);
        _posts = [.. order.Select((post, i) =>
        {
            var at = Start.AddSeconds(i * 86_400.0 / TitleWorld.PostsPerDay);
            return new StoryPost(post.Id, at, at, post.Subreddit, post.Title, post.Url);
        })];
    }

    public double RecallSameTitle { get; private set; }

    public double RecallSameLink { get; private set; }

    public double Recall { get; private set; }

    public double Precision { get; private set; }

    public int FoundPairs { get; private set; }

    public int Stories { get; private set; }

    public double MicrosecondsPerPost { get; private set; }

    public long Bytes { get; private set; }

    public int PostCount => _posts.Count;

    public Dictionary<StoryEvidence, (int Pairs, double Precision)> PrecisionByEvidence { get; } = [];

    public Dictionary<string, double> Edits { get; } = [];

    /// <summary>Pairs that share a story and little else.</summary>
    public List<string> Confused { get; } = [];

    /// <summary>The stories with the most subreddits.</summary>
    public List<string> Widest { get; } = [];

    public object Figures() => new
    {
        stories = Stories,
        pairs = FoundPairs,
        recall = Recall,
        recall_same_title = RecallSameTitle,
        recall_same_link = RecallSameLink,
        precision = Precision,
        precision_by_evidence = PrecisionByEvidence.ToDictionary(item => item.Key.ToString(), item => item.Value.Precision),
        edits = Edits,
        us_per_post = Math.Round(MicrosecondsPerPost, 2),
        bytes = Bytes,
    };

    public void Run()
    {
        _ = Assign(out _);
        var assigned = Assign(out var stream);

        var stories = _posts.ConvertAll(post => stream.Find(post.Id)!.Id);
        var (sameTitle, sameLink) = (RepostPairs.SameTitle(_posts.ConvertAll(post => post.Title)), RepostPairs.SameLink(_posts.ConvertAll(post => post.Url)));
        var same = sameTitle.Union(sameLink).ToHashSet();
        var found = RepostPairs.Of(stories, story => $"{story:x}");
        RecallSameTitle = Share(sameTitle.Count(found.Contains), sameTitle.Count);
        RecallSameLink = Share(sameLink.Count(found.Contains), sameLink.Count);
        Recall = Share(same.Count(found.Contains), same.Count);
        Judge(found, same, assigned);

        FoundPairs = found.Count;
        Stories = stories.Distinct().Count();
        var wide = _posts.Select(post => stream.Find(post.Id)!).Distinct().Where(story => story.Spread.Count >= 3).ToList();
        foreach (var story in wide.OrderByDescending(story => story.Spread.Count).ThenBy(story => story.Id).Take(5))
            Widest.Add($"{stream.LabelOf(story)}: {story.Posts} posts in {story.Spread.Count} subreddits");
        MeasureEdits(stream);
    }

    /// <summary>Of titles with four subjects or more, without a link, the share that an edited copy finds again.</summary>
    private void MeasureEdits(StoryStream stream)
    {
        var random = new Random(1);
        var edits = new Dictionary<string, Action<List<string>>>
        {
            ["word_dropped"] = words => words.RemoveAt(random.Next(words.Count)),
            ["word_added"] = words => words.Insert(random.Next(words.Count), "yesterday"),
            ["word_misspelt"] = words => words[random.Next(words.Count)] += "x",
            ["half_reversed"] = words => words.Reverse(0, words.Count / 2),
        };
        var titles = _posts.Where(post => RepostPairs.Subjects(post.Title).Count >= 4).ToArray();
        var at = _posts[^1].SeenAt;
        foreach (var (name, edit) in edits)
        {
            var found = 0;
            for (var i = 0; i < EditedTitles; i++)
            {
                var original = titles[random.Next(titles.Length)];
                var words = original.Title.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList();
                edit(words);
                at = at.AddMilliseconds(1);
                var copy = new StoryPost($"{name}{i}", at, at, "edited", string.Join(' ', words), null);
                found += stream.Add(copy).Story == stream.Find(original.Id)!.Id ? 1 : 0;
            }

            Edits[name] = Share(found, EditedTitles);
        }
    }

    private List<StoryAssignment> Assign(out StoryStream stream)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var made = stream = new StoryStream(leastCosine: _leastCosine);
        var begun = Environment.CpuUsage.TotalTime;
        var assigned = _posts.ConvertAll(made.Add);
        MicrosecondsPerPost = (Environment.CpuUsage.TotalTime - begun).TotalMicroseconds / _posts.Count;
        Bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        return assigned;
    }

    private void Judge(HashSet<(int A, int B)> found, HashSet<(int A, int B)> same, List<StoryAssignment> assigned)
    {
        var wrong = 0;
        var byEvidence = new Dictionary<StoryEvidence, (int Found, int Wrong)>();
        foreach (var (a, b) in found.Order())
        {
            var isWrong = !same.Contains((a, b)) && RepostPairs.Similarity(_posts[a].Title, _posts[b].Title) < RepostPairs.SameStory;
            wrong += isWrong ? 1 : 0;
            var (pairs, errors) = byEvidence.GetValueOrDefault(assigned[b].Evidence);
            byEvidence[assigned[b].Evidence] = (pairs + 1, errors + (isWrong ? 1 : 0));
            if (isWrong)
                Confused.Add($"{_posts[a].Title} | {_posts[b].Title}");
        }

        Precision = Share(found.Count - wrong, found.Count);
        foreach (var (evidence, (pairs, errors)) in byEvidence.OrderBy(item => item.Key))
            PrecisionByEvidence[evidence] = (pairs, Share(pairs - errors, pairs));
    }

    private static double Share(int part, int whole) => whole == 0 ? 1 : Math.Round((double)part / whole, 4);
}
