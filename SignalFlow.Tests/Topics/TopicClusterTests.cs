using SignalFlow.Processing.Topics;

namespace SignalFlow.Tests.Topics;

public sealed class TopicClusterTests
{
    private const string Title = "NASA's Perseverance rover lands safely in the Jezero crater";

    [Theory]
    [InlineData("NASA’s PERSEVERANCE Rover lands safely in the Jezero Crater!")]
    [InlineData("[News] in the crater Jezero: rover Perseverance lands, safely; NASA's")]
    [InlineData("Perseverance rovers land safely in Jezero craters")]
    [InlineData("NASA's Perseverance rover lands safely in the Jezero crater (x-post from /r/space)")]
    [InlineData("Perseverance rover has landed safely in Jezero crater https://example.com/jezero")]
    public void Edits_of_a_title_stay_in_its_cluster(string edited) =>
        Assert.Equal(TopicCluster.Of(Title, null), TopicCluster.Of(edited, null));

    [Theory]
    [InlineData("NASA's Ingenuity helicopter lands safely in the Jezero crater")]
    [InlineData("My cat")]
    [InlineData("火山噴火警報")]
    public void Other_stories_have_other_clusters(string other) =>
        Assert.NotEqual(TopicCluster.Of(Title, null), TopicCluster.Of(other, null));

    [Theory]
    [InlineData("https://www.example.com/news/rover")]
    [InlineData("http://m.EXAMPLE.com/news/rover/?utm_source=x&ref=home#top")]
    public void Copies_of_a_link_have_one_cluster_whatever_the_title(string url) =>
        Assert.Equal(TopicCluster.Of("One title", "https://example.com/news/rover"), TopicCluster.Of("Another headline", url));

    [Fact]
    public void Parameters_that_select_a_page_count_and_their_order_does_not()
    {
        Assert.Equal(TopicCluster.Of("a", "https://example.com/p?id=1&t=2"), TopicCluster.Of("b", "https://example.com/p?t=2&id=1"));
        Assert.NotEqual(TopicCluster.Of("a", "https://example.com/p?id=1"), TopicCluster.Of("a", "https://example.com/p?id=2"));
        Assert.Equal(TopicCluster.Of("a", "https://youtu.be/abc?t=4"), TopicCluster.Of("b", "https://www.youtube.com/watch?list=x&v=abc"));
    }

    [Theory]
    [InlineData("https://www.reddit.com/r/space/comments/abc/x/")]
    [InlineData("https://i.redd.it/abc.jpg")]
    [InlineData("https://i.imgur.com/abc.jpg")]
    [InlineData("https://example.com/")]
    [InlineData("not an address")]
    [InlineData(null)]
    public void Uploads_and_front_pages_leave_it_to_the_title(string? url) =>
        Assert.Equal(TopicCluster.Of(Title, null), TopicCluster.Of(Title, url));

    [Theory]
    [InlineData("")]
    [InlineData("👍 ?!")]
    [InlineData("\uD83D\0")]
    public void Only_a_title_without_letter_and_digit_has_none(string title) => Assert.Null(TopicCluster.Of(title, null));

    [Fact]
    public void Values_are_stored_so_they_never_change() =>
        Assert.Equal((320583244, 6330030), (TopicCluster.Of(Title, null), TopicCluster.Of("x", "https://example.com/news/rover")));
}
