using SignalFlow.Processing.Terms;

namespace SignalFlow.Tests.Terms;

public sealed class TermReaderTests
{
    [Theory]
    [InlineData("The volcano of Iceland erupts again", "volcano, iceland, erupts, iceland erupts")]
    [InlineData("Windows 11 is slow", "windows, windows 11")]
    [InlineData("[Update] Reddit mods of r/pics: repost!", "")]
    [InlineData("", "")]
    [InlineData("NASA's rover: Mars, again", "nasa, rover, mars")]
    public void Terms_are_subjects_and_neighbours(string title, string expected) => Assert.Equal(expected, Read(title));

    [Fact]
    public void A_name_of_three_words_is_a_term_where_capitals_mean_something()
    {
        Assert.Contains("james webb space telescope", Read("Today the James Webb Space Telescope found water on a planet").Split(", "));
        Assert.DoesNotContain("james webb space telescope", Read("Today: New James Webb Space Telescope, Again").Split(", "));
    }

    [Theory]
    [InlineData("The new update for the volcano")]
    [InlineData("American volcano")]
    public void No_phrase_has_a_noise_word(string title) => Assert.Equal("volcano", Read(title));

    [Fact]
    public void A_long_title_is_read_in_part() =>
        Assert.StartsWith("volcano", Read(string.Concat(Enumerable.Repeat("volcano ", 100_000))), StringComparison.Ordinal);

    private static string Read(string title)
    {
        var reader = new TermReader();
        var terms = new List<string>();
        foreach (var term in reader.Read(title))
            terms.Add(reader.TextOf(term).ToString());
        return string.Join(", ", terms);
    }
}
