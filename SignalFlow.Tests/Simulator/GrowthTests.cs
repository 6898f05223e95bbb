using SignalFlow.RedditSimulator.World;

namespace SignalFlow.Tests.Simulator;

public sealed class GrowthTests
{
    private static readonly IReadOnlyList<Growth> Posts = [.. Enumerable.Range(0, 4_000).Select(i => new Growth(SplitMix64.Mix(1, (ulong)i), 2))];

    [Fact]
    public void Between_ten_and_fifteen_percent_of_the_steps_go_down()
    {
        var steps = Posts
            .SelectMany(post =>
            {
                var scores = Enumerable.Range(0, 25).Select(i => post.At(TimeSpan.FromMinutes(10 * i)).Score).ToList();
                return scores.Zip(scores.Skip(1), (earlier, later) => later - earlier);
            })
            .ToList();

        Assert.InRange(steps.Count(step => step < 0) / (double)steps.Count, 0.10, 0.15);
    }

    [Fact]
    public void Numbers_stay_in_their_ranges() => Assert.All(Posts, post =>
    {
        for (var minutes = 0; minutes < 3_000; minutes += 37)
        {
            var (score, comments, ratio) = post.At(TimeSpan.FromMinutes(minutes));
            Assert.True(score >= 0 && comments >= 0, $"{score}, {comments}");
            Assert.InRange(ratio, 0, 1);
        }
    });

    [Fact]
    public void Comments_never_decrease() => Assert.All(Posts, post =>
    {
        var comments = Enumerable.Range(0, 100).Select(i => post.At(TimeSpan.FromMinutes(15 * i)).Comments).ToList();
        Assert.Equal(comments.Order(), comments);
    });

    [Fact]
    public void Scores_have_a_heavy_tail()
    {
        var final = Posts.Select(post => post.At(TimeSpan.FromDays(3)).Score).Order().ToList();

        Assert.InRange(final[final.Count / 2], 2, 20);
        Assert.InRange(final[final.Count * 99 / 100], 300, 5_000);
        Assert.True(final[^1] > 5_000, $"{final[^1]}");
    }
}
