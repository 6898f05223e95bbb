using Microsoft.EntityFrameworkCore;
using NpgsqlTypes;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Posts.Search;

/// <summary>
/// What PostgreSQL makes of a search in the syntax of <c>websearch_to_tsquery</c>, which has no wrong queries. Words match by their stems. Where
/// nothing is left of them, as of "the who", all of whose words are stop words, they match as they are written.
/// </summary>
internal sealed class TextQuery
{
    /// <summary>Of the weights D, C, B and A: a word as it is written, a stem in the text, a stem in the title.</summary>
    private static readonly float[] Weights = [0, 1, 0.4f, 1];

    private const string Lexeme = "'([^']|'')+'";

    private readonly NpgsqlTsQuery _match, _candidates, _rank;

    private TextQuery(Parsed parsed)
    {
        (_match, _candidates, _rank) = (parsed.Match, parsed.Candidates, parsed.Rank);
        (IsIndexed, HasPhrases) = (parsed.IsIndexed, parsed.HasPhrases);
    }

    /// <summary>False: the query asks only for words that are absent, of which an index knows nothing.</summary>
    public bool IsIndexed { get; }

    /// <summary>An index does not know the order of words: its candidates for a phrase are the posts that have all of them.</summary>
    public bool HasPhrases { get; }

    /// <returns>Null where there is nothing to search for.</returns>
    public static async Task<TextQuery?> ParseAsync(SignalFlowDbContext database, string text, CancellationToken cancellationToken)
    {
        // Matched by the stems alone, not "or by the words": every post that has the words has their stems, so it would find the same by two
        // look-ups.
        var parsed = await database.Database
            .SqlQuery<Parsed>($"""
                SELECT match AS "Match", regexp_replace(match::text, '<(-|[0-9]+)>', '&', 'g')::tsquery AS "Candidates",
                  regexp_replace(stems::text, {Lexeme}, '\&:AB', 'g')::tsquery || regexp_replace(words::text, {Lexeme}, '\&:C', 'g')::tsquery AS "Rank",
                  numnode(match) > 0 AS "HasWords", querytree(match) <> 'T' AS "IsIndexed", match::text ~ '<(-|[0-9]+)>' AS "HasPhrases"
                FROM (
                  SELECT stems, words, CASE WHEN numnode(stems) > 0 THEN stems ELSE words END AS match
                  FROM (SELECT websearch_to_tsquery('english', {text}) AS stems, websearch_to_tsquery('simple', {text}) AS words) AS given) AS query
                """)
            .SingleAsync(cancellationToken);
        return parsed.HasWords ? new(parsed) : null;
    }

    public IQueryable<PostNlp> Matching(IQueryable<PostNlp> features) => features.Where(row => row.Document!.Matches(_match));

    /// <summary>What an index has to look at for <see cref="Matching"/>.</summary>
    public IQueryable<PostNlp> Candidates(IQueryable<PostNlp> features) => features.Where(row => row.Document!.Matches(_candidates));

    /// <summary>
    /// Places posts by how near the words of the query stand to each other, in the title above the text, as they are written above their stems
    /// alone, and in short posts above long ones.
    /// </summary>
    public IQueryable<RankedPost> Rank(IQueryable<Post> posts) => posts.Select(post => new RankedPost
    {
        Id = post.Id,
        Rank = post.Nlp!.Document!.RankCoverDensity(Weights, _rank, NpgsqlTsRankingNormalization.DivideBy1PlusLogLength),
    });

    private sealed record Parsed(NpgsqlTsQuery Match, NpgsqlTsQuery Candidates, NpgsqlTsQuery Rank, bool HasWords, bool IsIndexed, bool HasPhrases);
}

/// <summary>A post that a search has found.</summary>
internal sealed record RankedPost
{
    public required string Id { get; init; }
    public required double Rank { get; init; }
}
