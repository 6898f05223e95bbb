using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace SignalFlow.Storage.Alerts.Queries;

/// <summary>
/// Turns a query into a condition over <c>post</c>, <c>subreddit</c> and <c>nlp</c>. Whatever somebody typed becomes a parameter. The condition is
/// true or false for every row and never null, so that NOT is the opposite.
/// </summary>
internal sealed class QuerySql(NpgsqlParameterCollection parameters)
{
    public string Of(QueryNode node) => node switch
    {
        PhraseNode phrase => Phrase(Text(phrase.Text)),
        FieldNode { Field: PostField.Subreddit } field => $"lower(subreddit.name) = lower({Text(field.Value)})",
        FieldNode { Field: PostField.Author } field => $"(post.author IS NOT NULL AND lower(post.author) = lower({Text(field.Value)}))",
        FieldNode field => $"(post.flair IS NOT NULL AND lower(post.flair) = lower({Text(field.Value)}))",
        CounterNode counter =>
            $"post.{(counter.Counter == PostCounter.Score ? "current_score" : "current_comments")} {counter.Sign} {Number(counter.Value)}",
        NotNode not => $"NOT {Of(not.Inner)}",
        PairNode pair => $"({Of(pair.Left)} {(pair.IsAnd ? "AND" : "OR")} {Of(pair.Right)})",
        _ => throw new ArgumentOutOfRangeException(nameof(node), node.GetType(), "No condition is made of this."),
    };

    // Stems, or where all are stop words, the words as they are, as in lists.
    private static string Phrase(string text) => $"""
        nlp.document @@ (CASE WHEN numnode(phraseto_tsquery('pg_catalog.english', {text})) > 0
          THEN phraseto_tsquery('pg_catalog.english', {text}) ELSE phraseto_tsquery('pg_catalog.simple', {text}) END)
        """;

    private string Text(string value) => Add(new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text });

    private string Number(int value) => Add(new() { Value = value, NpgsqlDbType = NpgsqlDbType.Integer });

    private string Add(NpgsqlParameter parameter)
    {
        parameters.Add(parameter);
        return string.Create(CultureInfo.InvariantCulture, $"${parameters.Count}");
    }
}
