using System.Net;
using Bunit;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Search;

namespace SignalFlow.Tests.Web;

public sealed class SavedSearchFeedTests : AdminContext
{
    private bool _hasFeed;

    public SavedSearchFeedTests() => Api.On(
        "GET /api/account/searches/", ContractsJsonContext.Default.SavedSearchList,
        () => new([new() { Id = 4, Name = "Rockets", Query = "q=rocket", CreatedAt = Posts.Now, HasFeed = _hasFeed }]));

    [Fact]
    public void A_feed_shows_its_addresses_once_under_the_name_of_this_site()
    {
        Api.On("POST /api/account/searches/4/feed/", ContractsJsonContext.Default.FeedAddress, () =>
        {
            _hasFeed = true;
            return new() { Atom = "http://10.0.0.7:5000/api/feeds/searches/abc.atom", Json = "http://10.0.0.7:5000/api/feeds/searches/abc.json" };
        });
        var saved = RenderReady();
        Assert.Equal("Make a feed", Text(Part(saved, "feed-make")));
        Part(saved, "feed-make").Closest("form")!.Submit();

        saved.WaitForAssertion(() => Assert.Equal("http://localhost/api/feeds/searches/abc.atom", Part(saved, "feed-atom").GetAttribute("value")));
        Assert.Equal("http://localhost/api/feeds/searches/abc.json", Part(saved, "feed-json").GetAttribute("value"));
        Assert.Equal("Make new addresses", Text(Part(saved, "feed-make")));
        Assert.DoesNotContain("abc.atom", RenderReady().Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_feed_is_ended()
    {
        _hasFeed = true;
        Api.On("DELETE /api/account/searches/4/feed/", HttpStatusCode.NoContent);
        var saved = RenderReady();
        _hasFeed = false;
        Part(saved, "feed-end").Closest("form")!.Submit();

        saved.WaitForAssertion(() => Assert.Equal("The feed of “Rockets” has ended.", Text(Part(saved, "saved-done"))));
        Assert.Empty(saved.FindAll("[data-testid=feed-end]"));
    }

    private IRenderedComponent<SavedSearches> RenderReady()
    {
        var saved = Render<SavedSearches>(parameters => parameters.Add(part => part.Request, new SearchRequest()));
        saved.WaitForAssertion(() => Assert.NotEmpty(saved.FindAll("[data-testid=saved-search]")));
        return saved;
    }
}
