namespace SignalFlow.RedditSimulator.World;

/// <summary>
/// Ids of synthetic posts, base 36 as Reddit's: 31 bits that name the subreddit's stream, 30 bits for the post's index in it. At most
/// 12 characters; the id alone finds the post again.
/// </summary>
internal static class PostId
{
    public const int StreamBits = 31;
    public const int IndexBits = 30;
    public const long MaxIndex = (1L << IndexBits) - 1;
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";
    private const int MaxLength = 12;

    public static string Format(uint stream, long index) => ToBase36((long)stream << IndexBits | index);

    public static bool TryParse(ReadOnlySpan<char> id, out uint stream, out long index)
    {
        (stream, index) = (0, 0);
        // A leading zero would give a post a second id.
        if (id.Length is 0 or > MaxLength || id[0] == '0')
            return false;

        var value = 0L;
        foreach (var c in id)
        {
            var digit = Digits.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0)
                return false;

            value = value * 36 + digit;
        }

        (stream, index) = ((uint)(value >> IndexBits), value & MaxIndex);
        return value >> (StreamBits + IndexBits) == 0;
    }

    public static string ToBase36(long value)
    {
        Span<char> buffer = stackalloc char[13];
        var start = buffer.Length;
        do
        {
            buffer[--start] = Digits[(int)(value % 36)];
            value /= 36;
        }
        while (value > 0);
        return new string(buffer[start..]);
    }
}
