using CsCheck;
using SignalFlow.Processing.Stories;

namespace SignalFlow.Tests.Stories;

public sealed class TitleSketchTests
{
    private static readonly string[] Words = ["red ", "rover ", "crater ", "volcano ", "of ", "the ", "iceland ", "x"];

    private static readonly Gen<string> Texts = Gen.Int[0, 7].Select(i => Words[i])
        .List[3, 14].Select(string.Concat);

    [Fact]
    public void The_estimate_is_near_the_similarity_of_the_shingles() =>
        Gen.Select(Texts, Texts).Where((a, b) => a.Length >= 4 && b.Length >= 4).Sample((a, b) =>
        {
            var (first, second) = (Shingles(a), Shingles(b));
            var jaccard = (double)first.Intersect(second).Count() / first.Union(second).Count();

            // Six standard errors of 64 draws.
            Assert.InRange(TitleSketch.Similarity(Sketch(a), Sketch(b)), jaccard - 0.38, jaccard + 0.38);
        });

    [Fact]
    public void On_average_the_estimate_is_right()
    {
        var random = new Random(1);
        var error = 0.0;
        for (var i = 0; i < 500; i++)
        {
            var a = new string([.. Enumerable.Range(0, 60).Select(_ => (char)('a' + random.Next(26)))]);
            var b = a[..40] + new string([.. Enumerable.Range(0, 20).Select(_ => (char)('a' + random.Next(26)))]);
            var (first, second) = (Shingles(a), Shingles(b));
            error += TitleSketch.Similarity(Sketch(a), Sketch(b)) - ((double)first.Intersect(second).Count() / first.Union(second).Count());
        }

        Assert.InRange(error / 500, -0.01, 0.01);
    }

    [Fact]
    public void Equal_texts_are_equal_in_every_band()
    {
        var (a, b) = (new uint[TitleSketch.Hashes], new uint[TitleSketch.Hashes]);
        TitleSketch.Write("rover lands", a);
        TitleSketch.Write("rover lands", b);

        Assert.All(Enumerable.Range(0, TitleSketch.Bands), band => Assert.Equal(TitleSketch.Band(a, band), TitleSketch.Band(b, band)));
        Assert.Equal(TitleSketch.Bands, Enumerable.Range(0, TitleSketch.Bands).Select(band => TitleSketch.Band(a, band)).Distinct().Count());
    }

    private static byte[] Sketch(string text)
    {
        var minima = new uint[TitleSketch.Hashes];
        var bytes = new byte[TitleSketch.Hashes];
        TitleSketch.Write(text, minima);
        TitleSketch.Compress(minima, bytes);
        return bytes;
    }

    private static HashSet<string> Shingles(string text) =>
        [.. Enumerable.Range(0, text.Length - TitleSketch.ShingleLength + 1).Select(i => text.Substring(i, TitleSketch.ShingleLength))];
}
