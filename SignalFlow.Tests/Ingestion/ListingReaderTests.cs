using System.Text;
using System.Text.Json;
using CsCheck;
using SignalFlow.Ingestion.Reddit;

namespace SignalFlow.Tests.Ingestion;

public sealed class ListingReaderTests
{
    private const string Good =
        """{"kind":"t3","data":{"id":"abc","title":"t","subreddit":"s","created_utc":1.5e9,"score":1,"num_comments":2}}""";

    private static readonly string[] Values =
        ["null", "true", "0", "-1.5", "1e999", "99999999999999999999", "\"\"", "\"x\"", "[]", "[{\"id\":1}]", "{}", "{\"data\":{\"id\":\"y\"}}"];

    [Theory]
    [InlineData("""{"kind":"t3"}""")]
    [InlineData("""{"kind":"t3","data":null}""")]
    [InlineData("""{"kind":"t3","data":[]}""")]
    [InlineData("""{"kind":"t3","data":{}}""")]
    [InlineData("""{"kind":"t3","data":{"id":"a/b","title":"t","subreddit":"s","created_utc":1.5e9,"score":1,"num_comments":2}}""")]
    [InlineData("""{"kind":"t3","data":{"id":"b","title":null,"subreddit":"s","created_utc":1.5e9,"score":1,"num_comments":2}}""")]
    [InlineData("""{"kind":"t3","data":{"id":"b","title":"t","subreddit":"s","created_utc":1e300,"score":1,"num_comments":2}}""")]
    [InlineData("""{"kind":"t3","data":{"id":"b","title":"t","subreddit":"s","created_utc":1.5e9,"score":"1","num_comments":2}}""")]
    public void A_malformed_post_is_left_out_and_counted(string malformed)
    {
        var listing = Read($"[{malformed},{Good}]");

        Assert.Equal("abc", Assert.Single(listing.Posts).Id);
        Assert.Equal(1, listing.Malformed);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("null")]
    [InlineData("[{}]")]
    [InlineData("{}")]
    [InlineData("""{"kind":7,"data":{"id":"b"}}""")]
    [InlineData("""{"kind":"t5","data":{"id":"b"}}""")]
    public void What_is_no_post_is_passed_over(string other)
    {
        var listing = Read($"[{other},{Good}]");

        Assert.Single(listing.Posts);
        Assert.Equal(0, listing.Malformed);
    }

    [Fact]
    public void The_kind_may_come_after_the_data()
    {
        var listing = Read("""[{"data":{"id":"abc","title":"t","subreddit":"s","created_utc":1500000000,"score":1.0,"num_comments":2},"kind":"t3"}]""");

        Assert.Equal(1_500_000_000, Assert.Single(listing.Posts).CreatedUtc);
    }

    [Fact]
    public void NUL_is_kept_and_half_a_surrogate_pair_becomes_the_replacement_character()
    {
        var listing = Read($"[{Good.Replace("\"t\"", """ "a\u0000b \ud83d\ude00 \ud83d \n\u00e9 \ude00" """, StringComparison.Ordinal)}]");

        Assert.Equal("a\0b 😀 \uFFFD \né \uFFFD", listing.Posts[0].Title);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_become_the_replacement_character()
    {
        var utf8 = Encoding.UTF8.GetBytes(Listing($"[{Good}]"));
        utf8[utf8.AsSpan().IndexOf("\"t\""u8) + 1] = 0xFF;

        Assert.Equal("\uFFFD", ListingReader.Read(utf8).Posts[0].Title);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html></html>")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"kind":"t5","data":{"id":"x"}}""")]
    [InlineData("""{"kind":"Listing","data":{"children":[],"after":null}""")]
    [InlineData("""{"kind":"Listing","data":{"children":[],"after":null}}}""")]
    public void What_is_no_complete_listing_is_an_error(string text) =>
        Assert.ThrowsAny<JsonException>(() => ListingReader.Read(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_listing_cut_off_anywhere_is_an_error()
    {
        var utf8 = Encoding.UTF8.GetBytes(Listing($"[{Good},{Good}]"));

        Gen.Int[0, utf8.Length - 1].Sample(length => Assert.ThrowsAny<JsonException>(() => ListingReader.Read(utf8.AsSpan(0, length))));
    }

    [Fact]
    public void Fields_of_any_kind_in_any_order_cost_at_most_their_own_post()
    {
        string[] fields =
        [
            "id", "title", "selftext", "subreddit", "author", "created_utc", "score", "num_comments", "upvote_ratio", "over_18", "url",
            "permalink", "link_flair_text", "edited", "crosspost_parent_list", "data", "kind", "children",
        ];
        Gen.Select(Gen.OneOf(fields), Gen.OneOf(Values)).Array[0, 20].Sample(members =>
        {
            var data = string.Join(',', members.Select(member => $"\"{member.Item1}\":{member.Item2}"));
            var listing = Read("[" + Good + ",{\"kind\":\"t3\",\"data\":{" + data + "}}," + Good + "]");

            Assert.Equal(3, listing.Posts.Count + listing.Malformed);
            Assert.Equal(("abc", "abc"), (listing.Posts[0].Id, listing.Posts[^1].Id));
        });
    }

    private static RedditListing Read(string children) => ListingReader.Read(Encoding.UTF8.GetBytes(Listing(children)));

    private static string Listing(string children) =>
        "{\"kind\":\"Listing\",\"data\":{\"after\":\"t3_z\",\"children\":" + children + ",\"dist\":1}}";
}
