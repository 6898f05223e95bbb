using CsCheck;
using SignalFlow.RedditSimulator.World;

namespace SignalFlow.Tests.Simulator;

public sealed class SyntheticWorldTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public void Same_seed_gives_the_same_posts()
    {
        var (first, second) = (new SyntheticWorld(7, 2), new SyntheticWorld(7, 2));

        Assert.Equal(Newest(first, "technology", Day), Newest(second, "TECHNOLOGY", Day));
    }

    [Fact]
    public void Another_seed_gives_other_posts()
    {
        var ids = Newest(new SyntheticWorld(7, 2), "technology", Day).Select(post => post.Id).ToHashSet();

        Assert.DoesNotContain(Newest(new SyntheticWorld(8, 2), "technology", Day), post => ids.Contains(post.Id));
    }

    [Fact]
    public void Busy_hours_and_time_are_inverse() =>
        Gen.Double[0, 1_000_000].Sample(busy =>
        {
            Assert.InRange(DailyRhythm.BusyHours(DailyRhythm.At(busy)), busy - 1e-6, busy + 1e-6);
        });

    [Fact]
    public void Arrivals_follow_the_hour_of_day()
    {
        var stream = Stream("AskReddit");
        // The world starts at 14 h UTC: from 2 h on it is 16 h, the busiest; from 16 h on 6 h, the calmest.
        var busiest = stream.CountUntil(100 * Day + TimeSpan.FromHours(4)) - stream.CountUntil(100 * Day + TimeSpan.FromHours(2));
        var calmest = stream.CountUntil(100 * Day + TimeSpan.FromHours(18)) - stream.CountUntil(100 * Day + TimeSpan.FromHours(16));

        Assert.True(busiest > 2 * calmest, $"{busiest} and {calmest}");
    }

    [Fact]
    public void A_post_counts_from_exactly_its_creation() =>
        Gen.Select(Gen.Int[0, 3], Gen.Long[0, 2_000_000]).Sample((name, index) =>
        {
            var stream = Stream(((string[])["AskReddit", "space", "dotnet", "some_other_name"])[name]);
            var created = stream.CreatedAt(index);
            Assert.True(stream.CountUntil(created) > index);
            Assert.True(stream.CountUntil(created - TimeSpan.FromTicks(1)) <= index);
        });

    [Fact]
    public void Newest_first_is_the_order_of_approval() =>
        Gen.Int[0, 100_000].Sample(
            minutes =>
            {
                var now = TimeSpan.FromMinutes(minutes);
                var stream = Stream("AskReddit");
                var listed = stream.NewestFirst(now, now - 2 * Day).Take(300).ToList();

                var created = stream.CountUntil(now);
                var expected = Enumerable.Range(0, 500)
                    .Select(back => created - 1 - back)
                    .Where(index => index >= 0)
                    .Select(stream.PostAt)
                    .Where(post => post.Visible <= now && stream.FateOf(post.Index).GoneAt(post.Created) > now)
                    .OrderByDescending(post => post.Visible)
                    .Take(300);
                Assert.Equal(expected, listed);
            },
            iter: 50);

    [Fact]
    public void Some_posts_are_approved_late_and_stand_above_younger_ones()
    {
        var listed = Stream("AskReddit").NewestFirst(10 * Day, TimeSpan.Zero).Take(1_000).ToList();

        Assert.InRange(listed.Zip(listed.Skip(1)).Count(pair => pair.First.Created < pair.Second.Created), 3, 40);
        Assert.All(listed, post => Assert.InRange(post.Visible - post.Created, TimeSpan.Zero, TimeSpan.FromMinutes(30)));
    }

    [Theory]
    [InlineData("fast", 26, 30, 95)]
    [InlineData("medium", 50, 5, 16)]
    [InlineData("slow", 44, 0.4, 1.7)]
    public void The_table_has_the_tiers_rates(string tier, int subreddits, double slowest, double fastest)
    {
        var entries = SubredditTable.Shipped.Entries.Where(entry => entry.Tier == tier).ToList();

        Assert.Equal(subreddits, entries.Count);
        Assert.All(entries, entry =>
        {
            var stream = Stream(entry.Name);
            var perHour = (stream.CountUntil(50 * Day) - stream.CountUntil(20 * Day)) / 720.0;
            Assert.InRange(perHour, slowest, fastest);
            Assert.True(Subreddit.Exists(entry.Name));
        });
        Assert.Equal(SubredditTable.Shipped.Entries.Count, SubredditTable.Shipped.Entries.DistinctBy(entry => entry.Name.ToUpperInvariant()).Count());
    }

    [Fact]
    public void Ids_read_back() =>
        Gen.Select(Gen.UInt[1, (1u << PostId.StreamBits) - 1], Gen.Long[0, PostId.MaxIndex]).Sample((stream, index) =>
        {
            var id = PostId.Format(stream, index);
            Assert.InRange(id.Length, 1, 12);
            Assert.True(PostId.TryParse(id, out var sameStream, out var sameIndex));
            Assert.Equal((stream, index), (sameStream, sameIndex));
        });

    [Fact]
    public void Only_what_the_formatter_writes_is_an_id() =>
        Gen.String.Sample(text => Assert.Equal(
            PostId.TryParse(text, out var stream, out var index), text.Length > 0 && PostId.Format(stream, index) == text));

    [Fact]
    public void Every_post_of_a_listing_is_found_by_its_id_in_a_fresh_world()
    {
        var served = Newest(new SyntheticWorld(3, 2), "space", Day);
        var fresh = new SyntheticWorld(3, 2);

        Assert.Equal(served, served.Select(post => fresh.Describe(fresh.Find(post.Id, Day)!.Value, Day) with { Key = default }));
    }

    private static List<PostSnapshot> Newest(SyntheticWorld world, string subreddit, TimeSpan now)
    {
        var listing = world.NewestFirst([world.Find(subreddit)!], now).Take(100);
        return [.. listing.Select(post => world.Describe(post, now) with { Key = default })];
    }

    private static SubredditStream Stream(string name) => new(SubredditTable.Shipped.For(name), 42, 1);
}
