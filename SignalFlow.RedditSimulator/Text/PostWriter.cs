using SignalFlow.RedditSimulator.World;

namespace SignalFlow.RedditSimulator.Text;

/// <summary>Words of a synthetic post; <see cref="Link"/> is null for a self post.</summary>
internal readonly record struct WrittenPost(string Title, string Body, string Author, string? Flair, string? Link);

/// <summary>Writes posts: the same key gives the same post.</summary>
internal sealed class PostWriter
{
    private const int Authors = 40_000;
    private const double AuthorSkew = 1.1;
    private const double FlairShare = 0.45;
    private const double BodyShare = 0.75;

    private readonly Grammar _grammar = new("Titles.txt", "Languages.txt", "Words.txt", "Topics.txt");

    public WrittenPost Write(ulong key, string topic)
    {
        var random = new SplitMix64(key);
        var self = random.NextFraction() < SelfShare(topic);
        var title = _grammar.Expand(self ? "title" : "link-title", topic, ref random);
        return new WrittenPost(
            title,
            self && random.NextFraction() < BodyShare ? _grammar.Expand("body", topic, ref random) : "",
            AuthorOf(ref random),
            random.NextFraction() < FlairShare ? _grammar.Expand("flair", topic, ref random) : null,
            self ? null : $"https://{_grammar.Expand("domain", topic, ref random)}/{_grammar.Expand("path", topic, ref random)}");
    }

    private static double SelfShare(string topic) => topic switch
    {
        "questions" => 1,
        "news" => 0.05,
        "science" => 0.3,
        _ => 0.6,
    };

    /// <summary>Few write much, many write once: ranks by a power law (Zipf), drawn by inverting its continuous form.</summary>
    private string AuthorOf(ref SplitMix64 random)
    {
        var rank = (int)Math.Pow(1 + random.NextFraction() * (Math.Pow(Authors, 1 - AuthorSkew) - 1), 1 / (1 - AuthorSkew));
        var author = new SplitMix64(SplitMix64.Mix(0xA07, (ulong)rank));
        return _grammar.Expand("author", "", ref author);
    }
}
