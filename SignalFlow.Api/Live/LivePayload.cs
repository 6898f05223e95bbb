using System.Text.Json;
using System.Text.Json.Serialization;
using MessagePack;
using MessagePack.Formatters;

namespace SignalFlow.Api.Live;

/// <summary>
/// A JSON value as an argument of the hub, either way. In MessagePack it is the same value with the same names, so that a client sees no difference
/// between the protocols.
/// </summary>
[JsonConverter(typeof(Converter))]
internal sealed record LivePayload(ReadOnlyMemory<byte> Json)
{
    // More would be no filter; also MessagePack's own limit of depth applies.
    private const int MaxArgumentBytes = 16 << 10;

    internal sealed class Converter : JsonConverter<LivePayload>
    {
        public override LivePayload Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(JsonSerializer.SerializeToUtf8Bytes(JsonElement.ParseValue(ref reader), JsonElementContext.Default.JsonElement));

        public override void Write(Utf8JsonWriter writer, LivePayload value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value.Json.Span, skipInputValidation: true);
    }

    internal sealed class Formatter : IMessagePackFormatter<LivePayload?>
    {
        public void Serialize(ref MessagePackWriter writer, LivePayload? value, MessagePackSerializerOptions options)
        {
            if (value is null)
            {
                writer.WriteNil();
                return;
            }

            using var document = JsonDocument.Parse(value.Json);
            Write(ref writer, document.RootElement);
        }

        public LivePayload? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
        {
            var raw = reader.ReadRaw();
            if (raw.Length > MaxArgumentBytes)
                throw new MessagePackSerializationException("The argument is too large.");
            return new(System.Text.Encoding.UTF8.GetBytes(MessagePackSerializer.ConvertToJson(raw, options)));
        }

        private static void Write(ref MessagePackWriter writer, JsonElement value)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    writer.WriteMapHeader(value.GetPropertyCount());
                    foreach (var property in value.EnumerateObject())
                    {
                        writer.Write(property.Name);
                        Write(ref writer, property.Value);
                    }

                    break;
                case JsonValueKind.Array:
                    writer.WriteArrayHeader(value.GetArrayLength());
                    foreach (var item in value.EnumerateArray())
                        Write(ref writer, item);
                    break;
                case JsonValueKind.String:
                    writer.Write(value.GetString());
                    break;
                case JsonValueKind.Number when value.TryGetInt64(out var number):
                    writer.Write(number);
                    break;
                case JsonValueKind.Number:
                    writer.Write(value.GetDouble());
                    break;
                case JsonValueKind.True or JsonValueKind.False:
                    writer.Write(value.GetBoolean());
                    break;
                default:
                    writer.WriteNil();
                    break;
            }
        }
    }
}

[JsonSerializable(typeof(JsonElement))]
internal sealed partial class JsonElementContext : JsonSerializerContext;
