namespace SignalFlow.Api;

/// <summary>Names that people give stand in logs, mails and lists: each is one line there, in the order in which it was written.</summary>
internal static class OneLine
{
    public static bool Is(string text) => !text.Any(Breaks);

    public static string Of(string text) => Is(text) ? text : string.Concat(text.Select(letter => Breaks(letter) ? ' ' : letter));

    // Line and paragraph separators, and what turns the order of letters round.
    private static bool Breaks(char letter) =>
        char.IsControl(letter) || letter is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
