using SignalFlow.Contracts;
using SignalFlow.Storage.Posts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Api;

public sealed class SearchTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    // Stems, and words as they are written; in the title and in the text.
    [InlineData("rabbit", "body,rabbits")]
    [InlineData("RABBITS", "body,rabbits")]
    [InlineData("running", "runs")]
    // All words, in any order; a phrase; one of several; not one.
    [InlineData("rabbits white", "rabbits")]
    [InlineData("\"white rabbits\"", "rabbits")]
    [InlineData("\"rabbits white\"", "")]
    [InlineData("carrots or marathon", "body,runs")]
    [InlineData("rabbit -white", "body")]
    [InlineData("rabbit -\"white rabbits\"", "body")]
    [InlineData("-rabbit -emoji -über", "apart,quotes,runs,slash,who")]
    // No phrase begins in one part of a post and ends in another.
    [InlineData("\"last first\"", "")]
    [InlineData("\"last opening\"", "")]
    [InlineData("last opening", "apart")]
    // Stop words say nothing beside others, and are words of a title where there is nothing else.
    [InlineData("the rabbits", "body,rabbits")]
    [InlineData("the who", "who")]
    [InlineData("\"the who\"", "who")]
    [InlineData("who the", "who")]
    // Letters of all of Unicode, in both cases; what is no letter parts words.
    [InlineData("über", "über")]
    [InlineData("ÜBER", "über")]
    [InlineData("火山噴火警報", "über")]
    [InlineData("smile", "emoji")]
    [InlineData("😀 smile 👩‍🚀", "emoji")]
    [InlineData("quoted", "quotes")]
    // What looks like the query language of another system is text.
    [InlineData("rabbits & !white | (", "rabbits")]
    [InlineData("\"white rabbits", "rabbits")]
    [InlineData("'; DROP TABLE posts; --", "")]
    public async Task A_search_finds(string text, string expected)
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(
            Post(api, "rabbits", "Two white rabbits in a hat"),
            Post(api, "body", "A question about food", "My rabbit does not like carrots."),
            Post(api, "runs", "She runs a marathon"),
            Post(api, "apart", "First and last", "Opening words"),
            Post(api, "who", "The Who"),
            Post(api, "über", "Über 火山噴火警報"),
            Post(api, "emoji", "Smile 😀👩‍🚀 emoji"),
            Post(api, "quotes", "He said “quoted” and left"),
            Post(api, "slash", "Something else"));

        Assert.Equal(expected, string.Join(',', (await Ids(api, text)).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task A_search_ranks_near_words_above_far_ones_titles_above_texts_and_the_words_as_written_above_their_stems()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(
            Post(api, "near", "My rabbits carrots garden and some more words here", null, 4),
            Post(api, "stems", "My rabbit carrot garden and some more words here", null, 3),
            Post(api, "text", "Some more words here", "My rabbits carrots garden", 2),
            Post(api, "far", "My rabbits garden and some more words here, no carrots", null, 1));

        Assert.Equal(["near", "stems", "text", "far"], await Ids(api, "rabbits carrots", "sort=relevance"));
        Assert.Equal(["far", "text", "stems", "near"], await Ids(api, "rabbits carrots"));
    }

    [Fact]
    public async Task Ranked_pages_hold_every_match_once_although_posts_come_meanwhile()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync([.. Enumerable.Range(0, 95).Select(post =>
            Post(api, $"p{post:D2}", string.Join(' ', Enumerable.Repeat("rabbit", 1 + post % 4)) + (post % 2 == 0 ? " hat" : ""), null, post))]);
        api.Time.Advance(TimeSpan.FromMinutes(1));

        var forward = new List<string>();
        string? last = null;
        for (string? next = "/api/posts/?q=rabbit%20-hat&sort=relevance&page_size=10"; next is not null;)
        {
            var page = await Page(api, next);
            forward.AddRange(page.Results.Select(post => post.Id));
            (last, next) = (next, page.Next);
            api.Time.Advance(TimeSpan.FromMinutes(1));
            await api.StoreAsync(Post(api, $"new{forward.Count}", "rabbit rabbit rabbit", null, -1));
        }

        var backward = new List<string>();
        for (var previous = last; previous is not null;)
        {
            var page = await Page(api, previous);
            backward.InsertRange(0, page.Results.Select(post => post.Id));
            previous = page.Previous;
        }

        Assert.Equal(47, forward.Count);
        Assert.Equal(
            Enumerable.Range(0, 95).Where(post => post % 2 == 1).OrderByDescending(post => post % 4).ThenByDescending(post => post)
                .Select(post => $"p{post:D2}"),
            forward);
        Assert.Equal(forward, backward);
    }

    private static PostChange Post(ApiApplication api, string id, string title, string? text = null, double createdMinutesAgo = 10)
    {
        var post = api.Post(id, createdMinutesAgo, title: title);
        return post with { Newest = post.Newest with { Selftext = text } };
    }

    private static async Task<IEnumerable<string>> Ids(ApiApplication api, string text, string more = "") =>
        (await Page(api, $"/api/posts/?q={Uri.EscapeDataString(text)}&{more}")).Results.Select(post => post.Id);

    private static async Task<PostPage> Page(ApiApplication api, string address) =>
        (await api.Client.GetFromJsonAsync(address, ContractsJsonContext.Default.PostPage, Cancel))!;
}
