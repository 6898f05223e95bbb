using System.Text.Json.Serialization;

namespace SignalFlow.Contracts;

/// <summary>A search that its owner keeps.</summary>
public sealed record SavedSearchView
{
    public required long Id { get; init; }
    public required string Name { get; init; }

    /// <summary>Parameters of <c>/api/posts/</c> as a query string without <c>?</c>.</summary>
    public required string Query { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>There is an address that gives it as a feed to whoever knows it.</summary>
    public bool HasFeed { get; init; }
}

public sealed record SavedSearchList(IReadOnlyList<SavedSearchView> Results);

/// <param name="Name">A name that is there already gets the new query.</param>
/// <param name="Query">Parameters of <c>/api/posts/</c> as a query string.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NewSavedSearch(string? Name, string? Query);
