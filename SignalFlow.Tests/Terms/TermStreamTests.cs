using CsCheck;
using SignalFlow.Processing.Terms;

namespace SignalFlow.Tests.Terms;

public sealed class TermStreamTests
{
    private const int BucketsPerDay = 96;

    [Fact]
    public void A_burst_is_found_in_its_first_bucket_and_hardly_anything_before()
    {
        var stream = new TermStream();
        var early = Run(stream, 0, 2 * BucketsPerDay).Sum(result => result.Bursts.Count);
        var bucket = Bucket(2 * BucketsPerDay);

        var result = stream.Close(bucket, [.. TermPosts.Ordinary(bucket, 1), .. TermPosts.Posts(8, "Volcano erupts", bucket)]);

        Assert.Equal(["volcano erupts"], result.Bursts.Select(burst => burst.Term));
        // One bucket in twenty may have a chance discovery; each is one.
        Assert.InRange(early, 0, 2 * BucketsPerDay / 20);
    }

    [Fact]
    public void What_comes_in_the_same_hour_of_every_week_is_no_burst_the_third_time()
    {
        static IEnumerable<TermPost> Match(DateTimeOffset bucket) =>
            TermClock.HourOfWeek(bucket) == 20 ? TermPosts.Posts(30, "Football match", bucket) : [];
        var stream = new TermStream();

        var found = Run(stream, 0, 15 * BucketsPerDay, Match).SelectMany(result => result.Bursts)
            .Where(burst => burst.Term.Contains("match", StringComparison.Ordinal)).Select(burst => burst.Bucket).ToList();

        // The first time it is news, and once is not enough to know that it is usual.
        Assert.Contains(TermPosts.Monday.AddHours(20), found);
        Assert.All(found, bucket => Assert.True(bucket < TermPosts.Monday.AddDays(14)));
    }

    [Fact]
    public void Neither_the_order_of_posts_nor_what_else_is_given_changes_a_burst() =>
        Gen.Int[0, 1_000].Sample(
            seed =>
            {
                var (plain, mixed) = (new TermStream(), new TermStream());
                var random = new Random(seed);
                for (var i = 0; i < 40; i++)
                {
                    var posts = TermPosts.Ordinary(Bucket(i), seed);
                    if (i > 30)
                        posts.AddRange(TermPosts.Posts(9, "Volcano", Bucket(i)));
                    var shuffled = posts.Concat(posts).Concat(TermPosts.Ordinary(Bucket(i + 1), seed)).ToArray();
                    random.Shuffle(shuffled);

                    Assert.Equal(plain.Close(Bucket(i), posts).Bursts, mixed.Close(Bucket(i), shuffled).Bursts);
                }
            },
            iter: 20);

    [Fact]
    public void A_restored_stream_goes_on_like_the_one_that_stopped()
    {
        var running = new TermStream();
        var results = Run(running, 0, 130).ToList();
        var restored = new TermStream();
        restored.Restore(results.SelectMany(result => result.Hours), results.Take(128).SelectMany(result => result.Scatters));

        // 130 buckets end two buckets after an hour; these are closed again.
        Assert.Equal(Bucket(128), restored.Next);
        Assert.Equal(results[128].Bursts, restored.Close(Bucket(128), TermPosts.Ordinary(Bucket(128), 1)).Bursts);
        Assert.Equal(results[129].Scatters, restored.Close(Bucket(129), TermPosts.Ordinary(Bucket(129), 1)).Scatters);
        for (var i = 130; i < 150; i++)
        {
            IEnumerable<TermPost> posts = [.. TermPosts.Ordinary(Bucket(i), 1), .. TermPosts.Posts(i - 130, "Volcano", Bucket(i))];
            var (expected, actual) = (running.Close(Bucket(i), posts), restored.Close(Bucket(i), posts));
            Assert.Equal(expected.Bursts, actual.Bursts);
            Assert.Equal(expected.Scatters, actual.Scatters);
        }

        Assert.Equal(running.Dispersion, restored.Dispersion);
    }

    [Fact]
    public void A_bucket_that_was_left_out_still_ends_its_hour()
    {
        var stream = new TermStream();
        stream.Close(Bucket(0), TermPosts.Ordinary(Bucket(0), 1));

        var hours = stream.Close(Bucket(9), TermPosts.Ordinary(Bucket(9), 1)).Hours;

        Assert.Equal([TermPosts.Monday], hours.Select(hour => hour.Hour));
        Assert.Throws<ArgumentException>(() => stream.Close(Bucket(9), []));
        Assert.Throws<ArgumentException>(() => stream.Close(Bucket(12).AddMinutes(1), []));
    }

    private static DateTimeOffset Bucket(int number) => TermPosts.Monday + (number * TermClock.Length);

    private static IEnumerable<TermResult> Run(TermStream stream, int from, int to, Func<DateTimeOffset, IEnumerable<TermPost>>? more = null)
    {
        for (var i = from; i < to; i++)
            yield return stream.Close(Bucket(i), [.. TermPosts.Ordinary(Bucket(i), 1), .. more?.Invoke(Bucket(i)) ?? []]);
    }
}
