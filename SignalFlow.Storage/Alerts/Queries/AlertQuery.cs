using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace SignalFlow.Storage.Alerts.Queries;

/// <param name="Message">What is wrong with a query.</param>
/// <param name="Position">Where, counted from 1.</param>
public sealed record QueryError(string Message, int Position)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"Character {Position}: {Message}");
}

/// <summary>
/// Reads boolean queries: words, <c>"phrases"</c>, <c>AND</c> (also where nothing stands between two terms), <c>OR</c>, <c>NOT</c> or <c>-</c>,
/// parentheses, <c>sub:</c>, <c>author:</c>, <c>flair:</c>, and <c>score</c> or <c>comments</c> with <c>&gt; &gt;= &lt; &lt;= =</c> and a whole
/// number. NOT binds closest, then AND, then OR.
/// </summary>
public sealed partial class AlertQuery
{
    public const int MaxLength = 500;
    private const int MaxTerms = 50;
    private const int MaxDepth = 20;
    private const int MaxValueLength = 200;

    private readonly List<QueryToken> _tokens;
    private int _next;
    private int _terms;
    private int _depth;

    private AlertQuery(List<QueryToken> tokens) => _tokens = tokens;

    private QueryToken Next => _tokens[_next];

    /// <returns>False: <paramref name="error"/> says why.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out QueryNode? query, [NotNullWhen(false)] out QueryError? error)
    {
        (query, error) = (null, null);
        try
        {
            if (text.Length > MaxLength)
                throw new QueryException(string.Create(CultureInfo.InvariantCulture, $"A query has at most {MaxLength} characters."), MaxLength);
            if (BadCharacter().Match(text) is { Success: true } bad)
                throw new QueryException("This character is no text.", bad.Index);
            var parser = new AlertQuery(QueryToken.Read(text));
            query = parser.ReadOr();
            if (parser.Next.Kind == TokenKind.Close)
                throw new QueryException("The parenthesis closes none.", parser.Next.Position);
            return true;
        }
        catch (QueryException exception)
        {
            query = null;
            error = new(exception.Message, exception.Position + 1);
            return false;
        }
    }

    /// <summary>For what has been checked before.</summary>
    /// <exception cref="FormatException">It is not a query.</exception>
    public static QueryNode Parse(string text) => TryParse(text, out var query, out var error) ? query : throw new FormatException(error.ToString());

    private QueryNode ReadOr()
    {
        var left = ReadAnd();
        while (Next.Is("OR"))
        {
            _next++;
            left = new PairNode(false, left, ReadAnd());
        }

        return left;
    }

    private QueryNode ReadAnd()
    {
        var left = ReadNot();
        while (true)
        {
            if (Next.Is("AND"))
                _next++;
            else if (Next.Kind is TokenKind.End or TokenKind.Close || Next.Is("OR"))
                return left;
            left = new PairNode(true, left, ReadNot());
        }
    }

    private QueryNode ReadNot()
    {
        if (!Next.Is("NOT") && Next.Kind != TokenKind.Minus)
            return ReadTerm();
        Deeper();
        _next++;
        var inner = ReadNot();
        _depth--;
        return new NotNode(inner);
    }

    private QueryNode ReadTerm()
    {
        var token = Next;
        if (token.Kind == TokenKind.Open)
        {
            Deeper();
            _next++;
            var inner = ReadOr();
            if (Next.Kind != TokenKind.Close)
                throw new QueryException("The parenthesis is not closed.", token.Position);
            _next++;
            _depth--;
            return inner;
        }

        if (token.Kind is TokenKind.End or TokenKind.Close || token.Is("AND") || token.Is("OR"))
            throw new QueryException("Here a word, a phrase or a field is missing.", token.Position);
        if (++_terms > MaxTerms)
            throw new QueryException(string.Create(CultureInfo.InvariantCulture, $"A query has at most {MaxTerms} terms."), token.Position);
        _next++;
        if (token.Kind == TokenKind.Phrase)
            return Phrase(token.Text, token.Position);
        if (Counter().Match(token.Text) is { Success: true } counter)
            return ReadCounter(counter, token.Position);
        var colon = token.Text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && FieldOf(token.Text[..colon]) is { } field ? ReadField(field, token, colon) : Phrase(token.Text, token.Position);
    }

    private FieldNode ReadField(PostField field, QueryToken token, int colon)
    {
        var value = token.Text[(colon + 1)..];
        if (value.Length == 0 && Next is { Kind: TokenKind.Phrase, IsJoined: true } quoted)
        {
            value = quoted.Text;
            _next++;
        }

        if (field != PostField.Flair)
            value = Prefix().Replace(value, "");
        value = value.Trim();
        var at = token.Position + colon + 1;
        if (value.Length == 0)
            throw new QueryException($"{FieldNode.NameOf(field)}: needs a value.", at);
        if (value.Length > MaxValueLength)
            throw new QueryException(string.Create(CultureInfo.InvariantCulture, $"A value has at most {MaxValueLength} characters."), at);
        return new(field, value);
    }

    private static CounterNode ReadCounter(Match match, int position)
    {
        if (!int.TryParse(match.Groups["value"].ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            throw new QueryException($"{match.Groups["name"].Value} is compared with a whole number.", position + match.Groups["value"].Index);
        return new(
            match.Groups["name"].Value.Equals("score", StringComparison.OrdinalIgnoreCase) ? PostCounter.Score : PostCounter.Comments,
            match.Groups["sign"].Value switch
            {
                "<" => Comparison.Less,
                "<=" => Comparison.LessOrEqual,
                "=" => Comparison.Equal,
                ">=" => Comparison.GreaterOrEqual,
                _ => Comparison.Greater,
            },
            value);
    }

    private static PhraseNode Phrase(string text, int position) => text.Any(char.IsLetterOrDigit)
        ? new(text)
        : throw new QueryException("This holds no letter and no digit to look for.", position);

    private void Deeper()
    {
        if (++_depth > MaxDepth)
            throw new QueryException(string.Create(CultureInfo.InvariantCulture, $"Parentheses and NOT go at most {MaxDepth} deep."), Next.Position);
    }

    private static PostField? FieldOf(string name) => name.ToLowerInvariant() switch
    {
        "sub" or "subreddit" => PostField.Subreddit,
        "author" => PostField.Author,
        "flair" => PostField.Flair,
        _ => null,
    };

    [GeneratedRegex("^(?<name>score|comments)(?<sign>>=|<=|>|<|=)(?<value>.*)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Counter();

    // As people copy them.
    [GeneratedRegex(@"^\s*(/?[ru]/\s*)+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Prefix();

    // PostgreSQL's text holds neither NUL nor lone halves of a pair.
    [GeneratedRegex(@"\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]", RegexOptions.CultureInvariant)]
    private static partial Regex BadCharacter();
}
