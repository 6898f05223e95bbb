using System.Globalization;
using System.Text.Json;

namespace SignalFlow.Ingestion.Reddit;

/// <summary>Reads single values out of a JSON object that may as well be an HTML page or nothing.</summary>
internal static class ErrorBody
{
    /// <summary>The string value of <paramref name="name"/> at the top level; a number as its digits; else null.</summary>
    public static string? Find(ReadOnlySpan<byte> utf8, ReadOnlySpan<byte> name)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var found = reader.ValueTextEquals(name);
                reader.Read();
                if (found)
                {
                    return reader.TokenType == JsonTokenType.Number
                        ? reader.GetDouble().ToString("R", CultureInfo.InvariantCulture)
                        : JsonText.ReadString(ref reader);
                }

                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // Not JSON: no such value.
        }

        return null;
    }
}
