using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SignalFlow.Ingestion.Reddit;

/// <summary>Reads values of whatever kind they turn out to be: what is not of the expected kind counts as missing.</summary>
internal static class JsonText
{
    /// <summary>
    /// The string at the reader, null for any other kind, which is skipped. Half a surrogate pair and bytes that are not UTF-8 become
    /// U+FFFD, because neither Kafka's JSON nor PostgreSQL can carry them; U+0000 is kept as it is.
    /// </summary>
    public static string? ReadString(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return null;
        }

        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return Repair(reader.ValueSpan);
        }
    }

    public static double? ReadDouble(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var value) && double.IsFinite(value))
            return value;
        reader.Skip();
        return null;
    }

    public static int? ReadInt32(ref Utf8JsonReader reader) =>
        ReadDouble(ref reader) is { } value and >= int.MinValue and <= int.MaxValue ? (int)value : null;

    public static bool ReadBoolean(ref Utf8JsonReader reader)
    {
        reader.Skip();
        return reader.TokenType == JsonTokenType.True;
    }

    private static string Repair(ReadOnlySpan<byte> escaped)
    {
        var text = Encoding.UTF8.GetString(escaped);
        var units = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                units.Append(text[i]);
                continue;
            }

            // The reader has checked the escapes' syntax already.
            var escape = text[++i];
            units.Append(escape switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => (char)ushort.Parse(text.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                _ => escape,
            });
            if (escape == 'u')
                i += 4;
        }

        // Enumerating runes yields U+FFFD for each unpaired surrogate.
        var repaired = new StringBuilder(units.Length);
        foreach (var rune in units.ToString().EnumerateRunes())
            repaired.Append(rune.ToString());
        return repaired.ToString();
    }
}
