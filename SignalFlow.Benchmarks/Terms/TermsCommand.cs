using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SignalFlow.Benchmarks.Text;
using SignalFlow.Contracts;

namespace SignalFlow.Benchmarks.Terms;

/// <summary>
/// The verb <c>terms</c>: bursting terms, stories and languages of recorded titles: delay, recall and false discoveries of injected bursts, recall and
/// precision of stories and of "not English", cost and memory. Seeds are fixed. The last line is one JSON object.
/// </summary>
internal static class TermsCommand
{
    public const string Verb = "terms";

    public static Task<int> RunAsync(string[] args)
    {
        var folder = new Argument<DirectoryInfo>("FOLDER") { Description = "Recorded posts: posts_*.jsonl.gz." };
        folder.AcceptExistingOnly();
        var seeds = new Option<int>("--seeds") { Description = "Worlds into which bursts are injected.", DefaultValueFactory = _ => 3 };
        var cosine = new Option<double>("--cosine") { Description = "The least similarity of words.", DefaultValueFactory = _ => 0.6 };
        var show = new Option<int>("--show") { Description = "Pairs that share a story and little else, to look at." };
        var command = new RootCommand("Bursting terms, stories, languages.") { folder, seeds, cosine, show };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var posts = await PostCorpus.LoadAsync(parsed.GetRequiredValue(folder).FullName, cancellationToken);
            if (posts.Count == 0)
                throw new FileNotFoundException("The folder holds no posts_*.jsonl.gz.");
            Run(posts, parsed.GetValue(seeds), parsed.GetValue(cosine), parsed.GetValue(show));
        });
        return command.Parse(args).InvokeAsync();
    }

    private static void Run(List<PostObservation> posts, int seeds, double cosine, int show)
    {
        Console.WriteLine($"{posts.Count} posts of {posts.Select(post => post.Subreddit).Distinct().Count()} subreddits");
        var runs = Enumerable.Range(1, seeds).Select(seed => new BurstRun(posts, seed)).ToList();
        runs.ForEach(run => run.Run());
        var bursts = new BurstReport(runs);
        bursts.Print();

        var stories = new StoryRun(posts, seed: 1, cosine);
        stories.Run();
        Print(stories, show);
        var languages = new LanguageRun(posts);
        languages.Run();
        Print(languages, show);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            posts = posts.Count,
            bursts = bursts.Figures(),
            stories = stories.Figures(),
            languages = languages.Figures(),
        }));
    }

    private static void Print(LanguageRun languages, int show)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"languages: on {languages.Labelled} hand-checked titles \"not English\" has precision {languages.Precision}, recall {languages.Recall}"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"false alarms {languages.FalseAlarmsProgramming:P2} of programming titles, at most {languages.FalseAlarmsOthers:P2} of all others; unknown {languages.Unknown:P1}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cost {languages.NanosecondsPerTitle} ns and {languages.BytesPerTitle} B a title"));
        foreach (var title in languages.Missed.Take(show).Concat(languages.FalseAlarms.Take(show)))
            Console.WriteLine($"  {title}");
    }

    private static void Print(StoryRun stories, int show)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"stories: {stories.Stories:N0}, {stories.FoundPairs:N0} pairs; recall {stories.Recall} (title {stories.RecallSameTitle}, link {stories.RecallSameLink}), precision {stories.Precision}"));
        Console.WriteLine("| evidence of the later post | pairs | reposts or half of the subjects shared |");
        Console.WriteLine("|---|---:|---:|");
        foreach (var (evidence, (pairs, share)) in stories.PrecisionByEvidence)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {evidence} | {pairs} | {share} |"));
        foreach (var (edit, share) in stories.Edits)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{edit}: {share} stay in the story"));
        foreach (var label in stories.Widest)
            Console.WriteLine($"  {label}");
        foreach (var pair in stories.Confused.Take(show))
            Console.WriteLine($"  confused: {pair}");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"cost {stories.MicrosecondsPerPost:F2} µs a post, {stories.Bytes / 1e6:F1} MB for {stories.PostCount:N0} posts of a day"));
    }
}
