using SignalFlow.Storage.Alerts.Queries;
using SignalFlow.Web.Components.Alerts;

namespace SignalFlow.Tests.Web;

public sealed class AlertLinksTests
{
    [Theory]
    [InlineData("rocket", "", "", "rocket")]
    [InlineData("white rabbit or hare -\"new york\"", "", "", "white rabbit OR hare -\"new york\"")]
    [InlineData("rabbit or hare", "ana", "10", "(rabbit OR hare) author:ana score>=10")]
    [InlineData("rabbit", "ana", "none", "rabbit author:ana")]
    [InlineData("NOT AND sub:space (a", "", "", "\"NOT\" \"AND\" \"sub:space\" \"(a\"")]
    [InlineData("-c++ \"unended", "", "", "-\"c++\" \"unended\"")]
    [InlineData("well-known - thing", "", "", "well-known thing")]
    [InlineData("", "ana", "", "author:ana")]
    public void A_search_becomes_a_query_of_the_same_meaning(string words, string author, string score, string query)
    {
        var begin = RuleBeginning.OfSearch(new() { Q = words, Author = author, MinScore = score, Sentiment = "negative", Start = "2026-01-01" })!;
        Assert.Equal(("query", query), (begin.Kind, begin.Query));
        Assert.True(AlertQuery.TryParse(query, out _, out var error), error?.ToString());
    }

    [Fact]
    public void A_search_of_subreddits_alone_becomes_a_rule_for_what_surges_in_them_and_of_nothing_becomes_none()
    {
        Assert.Equal(
            "/alerts/rules/new?kind=surge&name=Surges%20in%20r%2Fspace,nasa&subreddits=space,nasa",
            RuleBeginning.OfSearch(new() { Subreddit = "space,nasa" })!.ToUri().Replace("%2C", ",", StringComparison.Ordinal));
        Assert.Null(RuleBeginning.OfSearch(new() { Sentiment = "negative" }));
        Assert.Equal("\"dog\" \"cat\" \"owl\"", RuleBeginning.OfWords(["dog", "cat", "owl", "hen"]).Query);
    }
}
