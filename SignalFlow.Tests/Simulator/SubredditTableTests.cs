using SignalFlow.RedditSimulator.World;

namespace SignalFlow.Tests.Simulator;

public sealed class SubredditTableTests : IDisposable
{
    private const string Header = "name\ttopic\ttier\tposts_per_hour\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("signalflow-table-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_table_of_ones_own_is_the_world()
    {
        var path = Write(Header + "Alpha\tnews\tfast\t60\nbeta_2\tquestions\tslow\t0.5\n\n");
        await using var app = await SimulatorApp.StartAsync(("SubredditsPath", path), ("BackfillHours", 24));
        await app.AuthorizeAsync();

        Assert.Equal(["Alpha", "beta_2"], app.Reddit.Subreddits);
        var posts = await app.PostsAsync("/r/all/new?limit=100");
        Assert.Equal(100, posts.Count);
        Assert.All(posts, post => Assert.Contains(post.Text("subreddit"), app.Reddit.Subreddits));
        // Names beyond the table still exist.
        Assert.NotEmpty(await app.PostsAsync("/r/technology/new"));
    }

    [Fact]
    public void Posts_a_day_scale_every_rate()
    {
        var table = SubredditTable.Shipped.WithPostsPerDay(60_000);

        Assert.Equal(60_000, table.Entries.Sum(entry => entry.PostsPerHour) * 24, 1e-6);
        Assert.Equal(
            SubredditTable.Shipped.For("some_other_name").PostsPerHour / SubredditTable.Shipped.For("AskReddit").PostsPerHour,
            table.For("some_other_name").PostsPerHour / table.For("askreddit").PostsPerHour,
            1e-9);
        Assert.InRange(new SyntheticWorld(1, 0, table: table).CountUntil(TimeSpan.FromHours(24)), 59_000, 61_000);
        Assert.NotEqual(SubredditTable.Shipped.Fingerprint, table.Fingerprint);
    }

    [Theory]
    [InlineData("", "line 1: the table must begin with")]
    [InlineData("name,topic\n", "line 1: the table must begin with")]
    [InlineData(Header, "the table has no subreddits")]
    [InlineData(Header + "Alpha\tnews\tfast\t60\nBeta\tnews\tfast\n", "line 3: 4 columns")]
    [InlineData(Header + "no such name\tnews\tfast\t60\n", "line 2: 'no such name'")]
    [InlineData(Header + "Alpha\tcooking\tfast\t60\n", "line 2: topic 'cooking'")]
    [InlineData(Header + "Alpha\tnews\tquick\t60\n", "line 2: tier 'quick'")]
    [InlineData(Header + "Alpha\tnews\tfast\t0\n", "line 2: posts_per_hour")]
    [InlineData(Header + "Alpha\tnews\tfast\t1,5\n", "line 2: posts_per_hour")]
    [InlineData(Header + "Alpha\tnews\tfast\tNaN\n", "line 2: posts_per_hour")]
    [InlineData(Header + "Alpha\tnews\tfast\t6\n\nALPHA\tnews\tfast\t6\n", "line 4: 'ALPHA' is there twice")]
    public async Task A_wrong_line_is_named(string content, string error)
    {
        var path = Write(content);

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => SimulatorApp.StartAsync(("SubredditsPath", path)));
        Assert.Contains("Simulator:SubredditsPath", thrown.Message, StringComparison.Ordinal);
        Assert.Contains(path, thrown.Message, StringComparison.Ordinal);
        Assert.Contains(error, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_that_is_not_there_is_named()
    {
        var path = Path.Combine(_folder.FullName, "missing.tsv");

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => SimulatorApp.StartAsync(("SubredditsPath", path)));
        Assert.Contains("Simulator:SubredditsPath", thrown.Message, StringComparison.Ordinal);
        Assert.Contains(path, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_table_does_not_go_on_with_the_clock_of_the_first()
    {
        var state = _folder.CreateSubdirectory("state").FullName;
        await using (var first = await SimulatorApp.StartAsync(("StatePath", state)))
            first.Advance(TimeSpan.FromSeconds(1));
        await using (var second = await SimulatorApp.StartAsync(("StatePath", state), ("PostsPerDay", 1_000)))
            second.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(2, Directory.GetFiles(state).Length);
    }

    private string Write(string content)
    {
        var path = Path.Combine(_folder.FullName, "table.tsv");
        File.WriteAllText(path, content);
        return path;
    }
}
