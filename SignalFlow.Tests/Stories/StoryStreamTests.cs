using CsCheck;
using SignalFlow.Processing.Stories;

namespace SignalFlow.Tests.Stories;

public sealed class StoryStreamTests
{
    private const string Title = "NASA's Perseverance rover lands safely in the Jezero crater";
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    private static readonly string[] Titles =
    [
        Title, "NASA rover lands in Jezero crater", "Perseverance rover lands safely in the Jezero crater!", "Volcano erupts in Iceland near Grindavik",
        "Volcano near Grindavik in Iceland erupts again", "me irl", "Part 1 of my journey", "Part 2 of my journey",
    ];

    private static readonly string?[] Addresses =
        [null, "https://example.com/rover", "https://example.com/volcano", "/r/space/comments/p7/title/", "https://i.redd.it/abcdef.jpg"];

    private static readonly Gen<StoryPost> Posts = Gen.Select(
        Gen.Int[0, 60],
        Gen.Int[0, Titles.Length - 1],
        Gen.Int[0, Addresses.Length - 1],
        (id, title, address) => Post($"p{id}", Titles[title], Addresses[address], id * 61 % 47));

    [Theory]
    [InlineData("https://www.example.com/rover?utm_source=x", StoryEvidence.Link)]
    [InlineData("https://www.reddit.com/r/space/comments/first/nasas_rover/", StoryEvidence.Link)]
    [InlineData("/r/space/comments/first/nasas_rover/", StoryEvidence.Link)]
    [InlineData("https://www.reddit.com/gallery/first", StoryEvidence.Link)]
    [InlineData("https://example.com/another", StoryEvidence.First)]
    internal void The_same_address_and_the_address_of_another_post_make_one_story(string url, StoryEvidence expected)
    {
        var stream = Stream();
        var first = stream.Add(Post("first", Title, "https://example.com/rover"));

        var second = stream.Add(Post("second", "Another headline", url, minute: 1));

        Assert.Equal(expected, second.Evidence);
        Assert.Equal(expected == StoryEvidence.Link, first.Story == second.Story);
    }

    [Theory]
    [InlineData("https://i.redd.it/abcdef.jpg", "https://i.redd.it/abcdef.jpg", true)]
    [InlineData("https://i.imgur.com/fbdXXu3.jpg", "http://imgur.com/fbdXXu3?1", true)]
    [InlineData("https://i.imgur.com/fbdXXu3.jpg", "http://imgur.com/fbdXXu4", false)]
    [InlineData("https://notimgur.com/fbdXXu3", "https://imgur.com/fbdXXu3", false)]
    [InlineData("https://imgur.com/a", "https://imgur.com/a", false)]
    public void A_crosspost_keeps_the_upload(string original, string copy, bool isSame)
    {
        var stream = Stream();

        Assert.Equal(isSame, stream.Add(Post("1", "My cat", original)).Story == stream.Add(Post("2", "Look at this", copy, minute: 1)).Story);
    }

    [Fact]
    public void A_copy_that_is_seen_before_its_original_is_of_its_story()
    {
        var stream = Stream();
        var copy = stream.Add(Post("copy", "Look at this", "https://www.reddit.com/r/space/comments/original/title/"));

        Assert.Equal(copy.Story, stream.Add(Post("original", Title, minute: 1)).Story);
    }

    [Theory]
    [InlineData("NASA’s PERSEVERANCE rover lands safely in the Jezero Crater!!", true)]
    [InlineData("NASA's Perseverance rover lands safely in Jezero crater (x-post from /r/space)", true)]
    [InlineData("NASA's Ingenuity helicopter flies over the Jezero crater", false)]
    public void Nearly_the_same_title_makes_one_story(string title, bool isSame)
    {
        var stream = Stream();
        var first = stream.Add(Post("1", Title));

        var second = stream.Add(Post("2", title, minute: 1));

        Assert.Equal(isSame ? StoryEvidence.Title : StoryEvidence.First, second.Evidence);
        Assert.Equal(isSame, first.Story == second.Story);
    }

    [Theory]
    [InlineData("Journey of my garden, part 1", "Journey of my garden, part 2")]
    [InlineData("me irl", "me irl")]
    [InlineData("Emilia Clarke", "Emilia Clarke at the premiere")]
    [InlineData("👍", "👍")]
    [InlineData("", "")]
    public void Numbers_short_titles_and_names_alone_make_none(string first, string second)
    {
        var stream = Stream();

        Assert.NotEqual(stream.Add(Post("1", first)).Story, stream.Add(Post("2", second, minute: 1)).Story);
    }

    [Fact]
    public void The_same_words_in_another_sentence_make_one_story()
    {
        var stream = Stream();
        for (var i = 0; i < 50; i++)
            stream.Add(Post($"x{i:d3}", $"Something about thing{i} and object{i} with person{i}"));
        var first = stream.Add(Post("1", "Volcano erupts near Grindavik in Iceland", minute: 1));

        var second = stream.Add(Post("2", "Iceland: near Grindavik a volcano erupts for the fourth time", minute: 2));

        Assert.Equal((first.Story, StoryEvidence.Words), (second.Story, second.Evidence));
        Assert.InRange(second.Similarity, 0.6, 1);
    }

    [Fact]
    public void After_48_hours_a_story_is_another_one()
    {
        var stream = Stream();
        var first = stream.Add(Post("1", Title, "https://example.com/rover"));

        Assert.Equal(first.Story, stream.Add(Post("2", Title, "https://example.com/rover", minute: 48 * 60)).Story);
        Assert.NotEqual(first.Story, stream.Add(Post("3", Title, "https://example.com/rover", minute: (96 * 60) + 1)).Story);
        Assert.Equal(1, stream.PostCount);
    }

    [Fact]
    public void Where_link_and_title_name_two_stories_these_become_the_older_one()
    {
        var stream = Stream();
        var older = stream.Add(Post("1", "One headline of many", "https://example.com/rover", subreddit: "space"));
        var younger = stream.Add(Post("2", Title, subreddit: "nasa", minute: 5));

        var both = stream.Add(Post("3", Title, "https://example.com/rover", subreddit: "mars", minute: 12));

        Assert.Equal((older.Story, younger.Story), (both.Story, both.Absorbed!.Value));
        Assert.Same(stream.Find("1"), stream.Find("2"));
        var story = stream.Find("3")!;
        Assert.Equal(3, story.Posts);
        Assert.Equal(["space", "nasa", "mars"], story.Spread.Select(part => part.Subreddit));
        Assert.Equal([0, 5, 12], story.Spread.Select(part => part.LagMinutes(story)));
    }

    [Fact]
    public void The_label_is_what_its_titles_share_and_others_do_not()
    {
        var stream = Stream();
        for (var i = 0; i < 200; i++)
            stream.Add(Post($"x{i:d3}", $"Safely landed number{i} of the rover series{i}"));
        stream.Add(Post("1", "Perseverance rover lands in the Jezero crater today", minute: 1));
        stream.Add(Post("2", "NASA: Perseverance rover lands in the Jezero crater", minute: 2));

        Assert.Equal("Perseverance, Jezero, crater, lands", Sorted(stream.LabelOf(stream.Find("2")!)));

        static string Sorted(string label) => string.Join(", ", label.Split(", ").OrderBy(word =>
            word is "lands" ? "z" : "PJc".IndexOf(word[0], StringComparison.Ordinal).ToString("D1")));
    }

    [Fact]
    public void Neither_batches_nor_repeats_change_a_story() =>
        Gen.Select(Posts.List[0, 60], Gen.Int[1, 20]).Sample((posts, size) =>
        {
            posts = [.. posts.DistinctBy(post => post.Id)];
            var (whole, split) = (Stream(), Stream());
            var expected = whole.AddRange(posts);

            posts.Sort(StoryPost.Compare);
            var actual = new List<StoryAssignment>();
            foreach (var batch in posts.Chunk(size))
            {
                Array.Reverse(batch);
                actual.AddRange(split.AddRange(batch));
                Assert.Equal(split.Find(batch[0].Id)!.Id, split.Add(batch[0]).Story);
            }

            Assert.Equal(expected, actual);
            Assert.All(posts, post => Assert.Equal(
                (whole.Find(post.Id)!.Id, whole.Find(post.Id)!.Posts), (split.Find(post.Id)!.Id, split.Find(post.Id)!.Posts)));
            Assert.Equal(posts.Count, posts.Select(post => whole.Find(post.Id)!).Distinct().Sum(story => story.Posts));
        });

    [Fact]
    public void A_restored_stream_goes_on_like_the_one_that_stopped() =>
        Gen.Select(Posts.List[0, 60], Gen.Int[0, 60]).Sample((posts, cut) =>
        {
            posts = [.. posts.DistinctBy(post => post.Id)];
            posts.Sort(StoryPost.Compare);
            cut = Math.Min(cut, posts.Count);
            var (running, restored) = (Stream(), Stream());
            running.AddRange(posts[..cut]);
            restored.Restore(posts[..cut].Select(post => (post, running.Find(post.Id)!.Id)));

            Assert.Equal(running.AddRange(posts[cut..]), restored.AddRange(posts[cut..]));
        });

    [Fact]
    public void A_post_may_not_come_before_those_that_were_added()
    {
        var stream = Stream();
        stream.Add(Post("2", Title, minute: 2));

        Assert.Throws<ArgumentException>(() => stream.Add(Post("1", Title, minute: 1)));
    }

    [Fact]
    public void A_full_window_forgets_the_oldest_post()
    {
        var stream = new StoryStream(capacity: 16);
        for (var i = 0; i < 100; i++)
            stream.Add(Post($"{i}", $"Title {i} of many", minute: i));

        Assert.Equal((16, true, false), (stream.PostCount, stream.Find("84") is not null, stream.Find("83") is not null));
    }

    private static StoryStream Stream() => new(capacity: 1_024);

    private static StoryPost Post(string id, string title, string? url = null, int minute = 0, string subreddit = "space") =>
        new(id, Start.AddMinutes(minute), Start.AddMinutes(minute), subreddit, title, url);
}
