using System.Text;
using SignalFlow.RedditSimulator.Text;
using SignalFlow.RedditSimulator.World;

namespace SignalFlow.Tests.Simulator;

public sealed class PostWriterTests
{
    private static readonly PostWriter Writer = new();

    public static TheoryData<string> Topics => [.. SubredditTable.Shipped.Entries.Select(entry => entry.Topic).Distinct()];

    [Theory]
    [MemberData(nameof(Topics))]
    public void Fewer_than_two_percent_of_consecutive_titles_repeat(string topic)
    {
        var titles = Write(topic, 2_000).Select(post => post.Title).ToList();

        Assert.InRange(1 - titles.Distinct().Count() / 2_000.0, 0, 0.02);
    }

    [Theory]
    [MemberData(nameof(Topics))]
    public void Titles_are_what_Reddit_accepts(string topic) => Assert.All(Write(topic, 2_000), post =>
    {
        Assert.InRange(post.Title.Length, 1, 300);
        Assert.DoesNotContain('{', post.Title + post.Body + post.Author + post.Flair + post.Link);
        Assert.Matches("^[A-Za-z0-9_-]{3,20}$", post.Author);
        Assert.True(post.Link is null || Uri.IsWellFormedUriString(post.Link, UriKind.Absolute), post.Link);
    });

    [Fact]
    public void Titles_have_what_makes_real_ones_hard()
    {
        var titles = Write("technology", 5_000).Select(post => post.Title).ToList();

        string[] wanted = ["&", "<", ">", "’", "\"", "!!!", "\n", "👩‍💻", "👍🏽", "¿", "です", "؟", "है", "ü", "$", "%"];
        Assert.All(wanted, part => Assert.Contains(titles, title => title.Contains(part, StringComparison.Ordinal)));
        Assert.Contains(titles, title => title.Any(char.IsAsciiLetterUpper) && !title.Any(char.IsLower));
        Assert.All(titles, title => Assert.Equal(title, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(title))));
    }

    [Fact]
    public void A_few_authors_write_much_and_many_write_once()
    {
        var posts = Enumerable.Range(0, 5_000).Select(i => Writer.Write((ulong)i, "news").Author).CountBy(author => author).ToList();

        Assert.True(posts.Max(author => author.Value) > 100);
        Assert.True(posts.Count(author => author.Value == 1) > 1_000);
    }

    private static IEnumerable<WrittenPost> Write(string topic, int count) =>
        Enumerable.Range(0, count).Select(i => Writer.Write(SplitMix64.Mix(99, (ulong)i), topic));
}
