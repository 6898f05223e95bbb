using CsCheck;
using SignalFlow.Web.Components.Search;

namespace SignalFlow.Tests.Web;

public sealed class SearchTests
{
    [Theory]
    [InlineData("rabbit", "Two rabbits and a Rabbit", "rabbits,Rabbit")]
    [InlineData("running", "He runs, he was running", "running")]
    [InlineData("jump", "jumping, jumped; jumps", "jumping,jumped,jumps")]
    [InlineData("\"new york\" -times", "New York Times", "New,York")]
    [InlineData("cat or dog", "A dog or a cat", "dog,cat")]
    [InlineData("party", "Parties and a party", "Parties,party")]
    [InlineData("as", "Asphalt as such", "as")]
    [InlineData("größe", "Die GRÖSSE, die Größe", "Größe")]
    [InlineData("", "Nothing", "")]
    [InlineData("\"unended", "An unended quote", "unended")]
    public void What_the_search_was_about_is_marked(string query, string text, string marked) =>
        Assert.Equal(marked, string.Join(',', new Highlighter(query, "").Mark(text).Where(part => part.IsMatch).Select(part => part.Text)));

    [Fact]
    public void Marking_changes_no_letter_of_the_text() =>
        Gen.Select(Gen.String, Gen.String).Sample((query, text) =>
            Assert.Equal(text, string.Concat(new Highlighter(query, query).Mark(text).Select(part => part.Text))));

    [Fact]
    public void The_next_page_is_the_same_search_from_the_cursor_on()
    {
        var request = new SearchRequest { Q = "a b", Sort = "score", MinScore = "5" };
        Assert.Equal("?q=a%20b&min_score=5&sort=score", request.ToQuery());
        Assert.Equal("search?q=a%20b&min_score=5&sort=score&cursor=xyz", request.AddressOf("http://api.internal/api/search/?q=a+b&cursor=xyz"));
        // The cursor carries its own sort.
        Assert.Equal("?q=a%20b&min_score=5&cursor=xyz", (request with { Cursor = "xyz" }).ToQuery());
        Assert.Null(request.AddressOf(null));
        Assert.True(new SearchRequest { Cursor = "xyz" }.IsEmpty);
    }
}
