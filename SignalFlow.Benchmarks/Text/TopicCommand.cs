using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SignalFlow.Contracts;
using SignalFlow.Processing.Topics;

namespace SignalFlow.Benchmarks.Text;

/// <summary>
/// The verb <c>topics</c>: how well the cluster of a post groups what belongs together, on real posts. Reposts are pairs with the same normalised title
/// of three words or more, or with the same link; edits are made of titles with three subjects or more. The last line is one JSON object.
/// </summary>
internal static class TopicCommand
{
    public const string Verb = "topics";

    private const int EditedTitles = 10_000;

    public static Task<int> RunAsync(string[] args)
    {
        var show = new Option<int>("--show") { Description = "Pairs that share a cluster and little else, to look at." };
        var command = new RootCommand("Quality of the topic clusters.") { show };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var posts = await PostCorpus.LoadAsync(cancellationToken);
            if (posts.Count == 0)
                throw new FileNotFoundException("../shared/data/posts is not here; the quality of clusters can only be told on real posts.");
            Run(posts, parsed.GetValue(show));
        });
        return command.Parse(args).InvokeAsync();
    }

    private static void Run(List<PostObservation> posts, int show)
    {
        var clusters = posts.ConvertAll(post => TopicCluster.Of(post.Title, post.Url));
        var (sameTitle, sameLink) = (RepostPairs.SameTitle(posts.ConvertAll(post => post.Title)), RepostPairs.SameLink(posts.ConvertAll(post => post.Url)));
        var same = sameTitle.Union(sameLink).ToHashSet();
        var found = RepostPairs.Of(clusters, cluster => cluster?.ToString(CultureInfo.InvariantCulture));
        var confused = found
            .Where(pair => !same.Contains(pair) && RepostPairs.Similarity(posts[pair.A].Title, posts[pair.B].Title) < RepostPairs.SameStory)
            .ToList();
        foreach (var (a, b) in confused.Take(show))
            Console.WriteLine($"{posts[a].Title} | {posts[b].Title}");

        Console.WriteLine($"{posts.Count} posts, {clusters.Count(cluster => cluster is null)} without a cluster, {clusters.Distinct().Count()} clusters");
        Console.WriteLine($"found {found.Count} pairs, of these {confused.Count} are neither reposts nor share half of their words");
        var edits = Edits(posts);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            posts = posts.Count,
            without_cluster = clusters.Count(cluster => cluster is null),
            repost_pairs = same.Count,
            recall = Share(same.Count(found.Contains), same.Count),
            recall_same_title = Share(sameTitle.Count(found.Contains), sameTitle.Count),
            recall_same_link = Share(sameLink.Count(found.Contains), sameLink.Count),
            precision = Share(found.Count - confused.Count, found.Count),
            edits,
        }));
    }

    private static double Share(int part, int whole) => Math.Round((double)part / whole, 4);

    /// <summary>How many edited titles without a link stay in their cluster, by kind of edit.</summary>
    private static Dictionary<string, double> Edits(List<PostObservation> posts)
    {
        var random = new Random(1);
        var titles = posts.Select(post => post.Title).Where(title => RepostPairs.Subjects(title).Count >= 3).ToArray();
        random.Shuffle(titles);
        titles = titles[..EditedTitles];
        var edits = new Dictionary<string, Func<string, string>>
        {
            ["word_dropped"] = title => Edit(title, words => words.RemoveAt(random.Next(words.Count))),
            ["word_added"] = title => Edit(
                title, words => words.Insert(random.Next(words.Count), RepostPairs.Subjects(titles[random.Next(titles.Length)]).First())),
            ["word_misspelt"] = title => Edit(title, words =>
            {
                var index = random.Next(words.Count);
                words[index] = words[index][1..] + "x";
            }),
            ["case"] = title => title.ToUpperInvariant(),
            ["punctuation"] = title => string.Concat(title.Select(c => char.IsPunctuation(c) && c is not ('\'' or '’') ? ' ' : c)) + "!",
            ["order"] = title => Edit(title, words => words.Reverse()),
            ["cross_post"] = title => title + " (x-post from /r/pics)",
        };
        return edits.ToDictionary(
            edit => edit.Key,
            edit => Share(titles.Count(title => TopicCluster.Of(edit.Value(title), null) == TopicCluster.Of(title, null)), titles.Length));
    }

    private static string Edit(string title, Action<List<string>> edit)
    {
        var words = title.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList();
        edit(words);
        return string.Join(' ', words);
    }
}
