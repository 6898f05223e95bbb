using CsCheck;
using SignalFlow.Processing.Sentiment;

namespace SignalFlow.Tests.Sentiment;

public sealed class VaderInvariantTests
{
    private static readonly VaderAnalyzer Analyzer = new();

    private static readonly string[] Words =
        ["good", "BAD", "not", "never", "so", "but", "least", "no", "kind", "of", "the", "bomb", "isn't", "VERY", ":)", "😀", "❤️", "!!", "?"];

    // Words that the rules know among arbitrary UTF-16, lone surrogates and NUL included.
    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.String,
        Gen.OneOf(Gen.Int[0, Words.Length - 1].Select(i => Words[i]), Gen.String[0, 4]).List[0, 40].Select(words => string.Join(' ', words)));

    [Fact]
    public void Scores_of_any_text_are_shares_and_a_polarity() =>
        Texts.Sample(text =>
        {
            var scores = Analyzer.Score(text);
            var sum = scores.Negative + scores.Neutral + scores.Positive;
            Assert.InRange(scores.Compound, -1, 1);
            Assert.True(scores == default || Math.Abs(sum - 1) <= 0.002, $"{scores} adds up to {sum}");
            Assert.Equal(scores, Analyzer.Score(text));
        });

    [Fact]
    public void Threads_that_share_an_analyzer_get_the_same_scores()
    {
        string[] texts = [.. Texts.Array[500].Single()];
        var expected = Array.ConvertAll(texts, Analyzer.Score);
        var actual = new SentimentScores[8][];

        Parallel.For(0, actual.Length, i => actual[i] = Array.ConvertAll(texts, Analyzer.Score));

        Assert.All(actual, scores => Assert.Equal(expected, scores));
    }

    [Theory]
    [InlineData("good ", 0.4404)]
    [InlineData("\0", 0)]
    [InlineData(" ", 0)]
    [InlineData("😀", 0)]
    public void Text_of_a_mebibyte_is_scored(string unit, double leastCompound)
    {
        var text = string.Concat(Enumerable.Repeat(unit, (1 << 19) / unit.Length));

        Assert.InRange(Analyzer.Score(text).Compound, leastCompound, 1);
    }

    [Fact]
    public void Scoring_a_title_allocates_nothing()
    {
        const string Title = "I can't say this update is GREAT, but it isn't bad either 😀";
        Analyzer.Score(Title);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 100; i++)
            Analyzer.Score(Title);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
