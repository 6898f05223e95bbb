using System.Net;
using SignalFlow.Contracts;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Access;

public sealed class SavedSearchTests(PostgresFixture postgres)
{
    private const string Address = "/api/account/searches/";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_user_has_its_own_searches_and_reaches_no_other()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        using var viewer = await api.ClientAsAsync("viewer");
        using var admin = await api.ClientAsAsync("admin");
        var saved = await SaveAsync(viewer, "Rockets", "?q=rocket&sort=score");
        await SaveAsync(viewer, "apples", "q=apple");

        Assert.Equal(["apples", "Rockets"], (await ListAsync(viewer)).Select(search => search.Name));
        Assert.Equal("q=rocket&sort=score", saved.Query);
        Assert.Empty(await ListAsync(admin));
        Assert.Equal(HttpStatusCode.NotFound, (await admin.DeleteAsync($"{Address}{saved.Id}/", Cancel)).StatusCode);

        Assert.Equal(HttpStatusCode.NoContent, (await viewer.DeleteAsync($"{Address}{saved.Id}/", Cancel)).StatusCode);
        Assert.Equal(["apples"], (await ListAsync(viewer)).Select(search => search.Name));
    }

    [Fact]
    public async Task The_same_name_gets_the_new_query()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        using var viewer = await api.ClientAsAsync("viewer");
        await SaveAsync(viewer, "Rockets", "q=rocket");
        await SaveAsync(viewer, "ROCKETS", "q=booster");
        Assert.Equal("q=booster", Assert.Single(await ListAsync(viewer)).Query);
    }

    [Theory]
    [InlineData("", "q=a", "name")]
    [InlineData("x", "min_score=lots", "query")]
    [InlineData("x", "sort=luck", "query")]
    [InlineData("x", null, "query")]
    public async Task What_is_no_search_is_refused_by_field(string name, string? query, string field)
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        using var viewer = await api.ClientAsAsync("viewer");
        using var answer = await viewer.PostAsJsonAsync(Address, new(name, query), ContractsJsonContext.Default.NewSavedSearch, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains($"\"{field}\"", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hundred_are_enough_but_one_of_them_can_still_be_changed()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        using var viewer = await api.ClientAsAsync("viewer");
        await SaveAsync(viewer, "first", "q=a");
        await api.Database.ExecuteAsync("""
            INSERT INTO saved_searches (user_id, name, query, created_at) SELECT user_id, 'n' || number, 'q=a', now() FROM saved_searches, generate_series(1, 99) AS number
            """);

        using var refused = await viewer.PostAsJsonAsync(Address, new("one more", "q=a"), ContractsJsonContext.Default.NewSavedSearch, Cancel);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal("q=b", (await SaveAsync(viewer, "First", "q=b")).Query);
    }

    private static async Task<SavedSearchView> SaveAsync(HttpClient client, string name, string query)
    {
        using var answer = await client.PostAsJsonAsync(Address, new(name, query), ContractsJsonContext.Default.NewSavedSearch, Cancel);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync(ContractsJsonContext.Default.SavedSearchView, Cancel))!;
    }

    private static async Task<IReadOnlyList<SavedSearchView>> ListAsync(HttpClient client) =>
        (await client.GetFromJsonAsync(Address, ContractsJsonContext.Default.SavedSearchList, Cancel))!.Results;
}
