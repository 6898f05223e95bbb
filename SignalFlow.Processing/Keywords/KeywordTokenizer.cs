namespace SignalFlow.Processing.Keywords;

/// <summary>
/// Cuts a text into words: URLs, user names, HTML entities and punctuation fall away; what belongs to a word stays (c++, c#, .net, node.js, gpt-4,
/// at&amp;t, $tsla, #hashtag), possessive and contracted endings do not. Chinese characters have no spaces between words: a run of up to four is
/// taken as it is, a longer one as its overlapping pairs, the usual index terms for such text. Katakana, Hiragana and Thai runs are taken whole.
/// </summary>
/// <param name="text">The text as written, with straight apostrophes and hyphens.</param>
/// <param name="lowered">The same text in lower case, character for character.</param>
internal ref struct KeywordTokenizer(ReadOnlySpan<char> text, ReadOnlySpan<char> lowered)
{
    private const int LongestHanWord = 4;
    private const int LongestEntity = 10;

    private readonly ReadOnlySpan<char> _text = text;
    private readonly ReadOnlySpan<char> _lowered = lowered;
    private int _position;
    private int _hanEnd;
    private TokenTraits _traits = TokenTraits.AfterBreak | TokenTraits.SentenceStart;

    public bool Next(out KeywordToken token)
    {
        while (_position < _text.Length)
        {
            if (_position + 1 < _hanEnd)
            {
                token = new KeywordToken(_position, 2, TokenTraits.Unspaced | TokenTraits.AfterBreak, WordHash.Of(_lowered.Slice(_position, 2)));
                _position++;
                return true;
            }

            if (_hanEnd > 0)
                (_position, _hanEnd, _traits) = (_hanEnd, 0, TokenTraits.AfterBreak);
            else if (_text[_position] == ' ')
                _position++;
            else if (TryReadPlainWord(out token))
                return true;
            else if (TrySkip())
                _traits |= TokenTraits.AfterBreak;
            else if (TryReadWord(out token))
                return true;
        }

        token = default;
        return false;
    }

    /// <summary>The way of most words: ASCII letters, small but for the first, and nothing after them that could belong to them.</summary>
    private bool TryReadPlainWord(out KeywordToken token)
    {
        var text = _text;
        var start = _position;
        token = default;
        if (!char.IsAsciiLetter(text[start]))
            return false;

        var hash = WordHash.Add(WordHash.Seed, (char)(text[start] | 0x20));
        var end = start + 1;
        for (; end < text.Length && char.IsAsciiLetterLower(text[end]); end++)
            hash = WordHash.Add(hash, text[end]);
        if (end == start + 1 || !EndsPlainWord(text, end))
            return false;

        token = TokenTraitsReader.DescribePlain(text, _lowered, start, end, WordHash.Finish(hash), _traits);
        _position = end;
        _traits = TokenTraits.None;
        return true;
    }

    private static bool EndsPlainWord(ReadOnlySpan<char> text, int end)
    {
        if (end == text.Length)
            return true;
        return text[end] switch
        {
            ' ' or '\n' or ',' or '!' or '?' or ';' or ')' or '"' or ']' or '*' or '/' => true,
            '.' or ':' => end + 1 == text.Length || text[end + 1] is ' ' or '\n',
            _ => false,
        };
    }

    private bool TrySkip()
    {
        var first = _lowered[_position];
        if (first is not ('h' or 'w' or 'u' or '&'))
            return false;

        var rest = _lowered[_position..];
        var length = first switch
        {
            'h' when rest.StartsWith("http://", StringComparison.Ordinal) || rest.StartsWith("https://", StringComparison.Ordinal) => UrlLength(rest),
            'w' when rest.StartsWith("www.", StringComparison.Ordinal) => UrlLength(rest),
            'u' when rest.StartsWith("u/", StringComparison.Ordinal) => 2 + WordLength(_position + 2),
            '&' => EntityLength(rest),
            _ => 0,
        };
        _position += length;
        return length > 0;
    }

    private static int UrlLength(ReadOnlySpan<char> rest)
    {
        var length = 0;
        while (length < rest.Length && !char.IsWhiteSpace(rest[length]) && rest[length] is not (')' or ']' or '>' or '"'))
            length++;
        return length;
    }

    private static int EntityLength(ReadOnlySpan<char> rest)
    {
        var end = rest[..Math.Min(rest.Length, LongestEntity)].IndexOf(';');
        if (end < 2)
            return 0;

        foreach (var c in rest[1..end])
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '#')
                return 0;
        }

        return end + 1;
    }

    private bool TryReadWord(out KeywordToken token)
    {
        var start = _position;
        var script = WordCharacters.ScriptAt(_text, start, out _);
        var first = script == WordScript.None && HasSign(start) ? start + 1 : start;
        if (script == WordScript.None && first == start)
        {
            ReadSeparator();
            token = default;
            return false;
        }

        var end = first + WordLength(first);
        if (IsAddress(end))
        {
            _position += UrlLength(_text[start..]);
            _traits |= TokenTraits.AfterBreak;
            token = default;
            return false;
        }

        if (script == WordScript.Han && end - start > LongestHanWord)
        {
            _hanEnd = end;
            token = default;
            return false;
        }

        end = IncludeTrailingSign(first, end);
        token = TokenTraitsReader.Describe(_text, _lowered, start, end, script is WordScript.None ? WordScript.Spaced : script, _traits);
        _position = end;
        _traits = TokenTraits.None;
        return true;
    }

    private void ReadSeparator()
    {
        var c = _text[_position++];
        if (c is '\n')
            _traits |= TokenTraits.AfterBreak | TokenTraits.SentenceStart;
        else if (!char.IsWhiteSpace(c))
            _traits |= c is ',' or '/' or '-' ? TokenTraits.AfterBreak : TokenTraits.AfterBreak | TokenTraits.SentenceStart;
    }

    /// <summary>A ticker, a hashtag or .net: the sign stands at the beginning and a letter follows.</summary>
    private readonly bool HasSign(int index) =>
        _text[index] is '$' or '#' or '.'
        && index + 1 < _text.Length
        && char.IsLetter(_text[index + 1])
        && (index == 0 || !IsJoined(_text[index - 1]))
        && (_text[index] != '.' || _lowered[(index + 1)..].StartsWith("net", StringComparison.Ordinal));

    private static bool IsJoined(char c) => char.IsLetterOrDigit(c) || c is '$' or '#' or '.';

    /// <summary>A mail address, or a host whose path follows.</summary>
    private readonly bool IsAddress(int end) =>
        end + 1 < _text.Length
        && (_text[end] == '@' ? char.IsAsciiLetterOrDigit(_text[end + 1]) : _text[end] == '/' && _text[_position..end].Contains('.'))
        && char.IsAsciiLetterOrDigit(_text[end - 1]);

    private readonly int WordLength(int start)
    {
        if (start >= _text.Length)
            return 0;

        var script = WordCharacters.ScriptAt(_text, start, out var width);
        if (script == WordScript.None)
            return 0;

        var end = start + width;
        while (end < _text.Length)
        {
            var c = _text[end];
            if (char.IsAscii(c) && script == WordScript.Spaced)
            {
                if (!char.IsAsciiLetterOrDigit(c) && !IsConnector(start, end))
                    break;
                end++;
                continue;
            }

            var next = WordCharacters.ScriptAt(_text, end, out width);
            if (next == script || (next == WordScript.None && width == 1 && WordCharacters.IsMark(_text[end])))
                end += width;
            else if (script == WordScript.Spaced && next == WordScript.None && IsConnector(start, end))
                end++;
            else
                break;
        }

        return end - start;
    }

    private readonly bool IsConnector(int start, int index)
    {
        if (_text[index] is not ('-' or '_' or '\'' or '&' or '.' or ',' or '\u200C' or '\u200D'))
            return false;
        if (index + 1 >= _text.Length || WordCharacters.ScriptAt(_text, index + 1, out _) != WordScript.Spaced)
            return false;

        var (before, after) = (_text[index - 1], _text[index + 1]);
        return _text[index] switch
        {
            '-' or '_' or '\u200C' or '\u200D' => true,
            '\'' => char.IsLetter(after),
            '&' => char.IsAsciiLetterUpper(before) && char.IsAsciiLetterUpper(after),
            '.' or ',' when char.IsAsciiDigit(before) && char.IsAsciiDigit(after) => true,
            '.' => IsDotInsideName(start, index),
            _ => false,
        };
    }

    /// <summary>node.js, u.s., asp.net; but not the end of a sentence whose space was forgotten.</summary>
    private readonly bool IsDotInsideName(int start, int dot)
    {
        if (char.IsLower(_text[dot - 1]) && char.IsUpper(_text[dot + 1]))
            return false;

        var length = 0;
        while (dot + 1 + length < _text.Length && char.IsAsciiLetterOrDigit(_text[dot + 1 + length]))
            length++;
        var isAcronym = dot == start + 1 || _text[dot - 2] == '.';
        return length is > 1 and <= 4 || (length == 1 && isAcronym);
    }

    /// <summary>c++, c#, and the last dot of u.s.</summary>
    private readonly int IncludeTrailingSign(int first, int end)
    {
        if (end == _text.Length || _text[end] is not ('+' or '#' or '.'))
            return end;

        var rest = _text[end..];
        var length = end - first;
        if (rest.StartsWith("++", StringComparison.Ordinal) && char.IsAsciiLetter(_text[end - 1]) && (rest.Length == 2 || !IsJoined(rest[2])))
            return end + 2;
        if (rest.StartsWith('#') && length == 1 && char.IsAsciiLetter(_text[end - 1]) && (rest.Length == 1 || !IsJoined(rest[1])))
            return end + 1;
        if (rest.StartsWith('.') && length >= 3 && _text[end - 2] == '.' && char.IsAsciiLetter(_text[end - 1]))
            return end + 1;
        return end;
    }
}
