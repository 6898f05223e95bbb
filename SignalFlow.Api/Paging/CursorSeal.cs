using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace SignalFlow.Api.Paging;

/// <summary>
/// Turns places in lists into cursors and back: a place's text, and a code that only we can make over it, the list and the list's filter. So a cursor
/// that was made up, changed, or taken to another list is none.
/// </summary>
/// <param name="key">The same in all processes.</param>
internal sealed class CursorSeal(byte[] key)
{
    private const int CodeLength = 12;
    private const int MostBytes = 512;

    /// <summary>For the answer to a cursor that <see cref="Open"/> does not know.</summary>
    public const string Refusal = "The cursor is not one of ours, or belongs to another list or filter; take it from next or previous.";

    /// <param name="list">Name of the list.</param>
    /// <param name="filter">Everything that decides what the list holds and how it is ordered.</param>
    /// <param name="place">What finds the row again.</param>
    public string Close(string list, string filter, string place)
    {
        var text = Encoding.UTF8.GetBytes(place);
        return Base64Url.EncodeToString([.. Code(list, filter, text), .. text]);
    }

    /// <returns>The place; null: the cursor was not made by <see cref="Close"/> for the same list and filter.</returns>
    public string? Open(string list, string filter, string cursor)
    {
        if (cursor.Length > MostBytes * 2 || !Base64Url.IsValid(cursor))
            return null;
        var bytes = Base64Url.DecodeFromChars(cursor);
        if (bytes.Length <= CodeLength)
            return null;
        var text = bytes.AsSpan(CodeLength);
        return CryptographicOperations.FixedTimeEquals(bytes.AsSpan(0, CodeLength), Code(list, filter, text)) ? Encoding.UTF8.GetString(text) : null;
    }

    private ReadOnlySpan<byte> Code(string list, string filter, ReadOnlySpan<byte> place)
    {
        // Lengths between the parts, so that none can reach into the next.
        byte[] head = [.. Encoding.UTF8.GetBytes($"{list.Length}:{list}{filter.Length}:{filter}"), .. place];
        return HMACSHA256.HashData(key, head).AsSpan(0, CodeLength);
    }
}
