using System.Globalization;
using System.Text;

namespace SignalFlow.Storage.Alerts.Queries;

internal enum TokenKind
{
    Open,
    Close,
    Minus,
    Word,
    Phrase,
    End,
}

/// <param name="Text">Of a word: as written; of a phrase: what the quotes hold.</param>
/// <param name="Position">Of its first character, from 0.</param>
/// <param name="IsJoined">Nothing stands between it and the token before.</param>
internal readonly record struct QueryToken(TokenKind Kind, string Text, int Position, bool IsJoined)
{
    public bool Is(string word) => Kind == TokenKind.Word && Text == word;

    /// <exception cref="QueryException">A quote has no end.</exception>
    public static List<QueryToken> Read(string text)
    {
        var tokens = new List<QueryToken>();
        var at = 0;
        var end = 0;
        while (true)
        {
            while (at < text.Length && (char.IsWhiteSpace(text[at]) || char.GetUnicodeCategory(text[at]) == UnicodeCategory.Format))
                at++;
            var joined = at == end && at > 0;
            if (at == text.Length)
            {
                tokens.Add(new(TokenKind.End, "", at, false));
                return tokens;
            }

            var start = at;
            switch (text[at])
            {
                case '(':
                    at++;
                    tokens.Add(new(TokenKind.Open, "(", start, joined));
                    break;
                case ')':
                    at++;
                    tokens.Add(new(TokenKind.Close, ")", start, joined));
                    break;
                case '-' when !joined || tokens[^1].Kind == TokenKind.Open:
                    at++;
                    tokens.Add(new(TokenKind.Minus, "-", start, joined));
                    break;
                case '"':
                    tokens.Add(new(TokenKind.Phrase, Quoted(text, ref at), start, joined));
                    break;
                default:
                    while (at < text.Length && !char.IsWhiteSpace(text[at]) && text[at] is not ('(' or ')' or '"'))
                        at++;
                    tokens.Add(new(TokenKind.Word, text[start..at], start, joined));
                    break;
            }

            end = at;
        }
    }

    private static string Quoted(string text, ref int at)
    {
        var start = at++;
        var value = new StringBuilder();
        while (at < text.Length)
        {
            var next = text[at++];
            if (next == '"')
                return value.ToString();
            if (next == '\\' && at < text.Length && text[at] is ('"' or '\\'))
                next = text[at++];
            value.Append(next);
        }

        throw new QueryException("The quotation mark has no other that ends it.", start);
    }
}

/// <param name="message">What is wrong.</param>
/// <param name="position">Where, from 0.</param>
internal sealed class QueryException(string message, int position) : Exception(message)
{
    public int Position { get; } = position;
}
