using System.Buffers.Binary;
using System.Text;

namespace SignalFlow.Tests.Telemetry;

/// <summary>An encoded protobuf message, read by the numbers of its fields.</summary>
internal readonly struct ProtoMessage
{
    private readonly List<(int Field, ulong Number, ReadOnlyMemory<byte> Bytes)> _fields = [];

    public ProtoMessage(ReadOnlyMemory<byte> message)
    {
        for (var rest = message; !rest.IsEmpty;)
        {
            var key = Varint(ref rest);
            var field = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    _fields.Add((field, Varint(ref rest), default));
                    break;
                case 1:
                    _fields.Add((field, BinaryPrimitives.ReadUInt64LittleEndian(Take(ref rest, 8).Span), default));
                    break;
                case 2:
                    _fields.Add((field, 0, Take(ref rest, (int)Varint(ref rest))));
                    break;
                case 5:
                    _fields.Add((field, BinaryPrimitives.ReadUInt32LittleEndian(Take(ref rest, 4).Span), default));
                    break;
                default:
                    throw new InvalidDataException($"Wire type {key & 7} of field {field}.");
            }
        }
    }

    public IEnumerable<ProtoMessage> Messages(int field) => _fields.Where(candidate => candidate.Field == field).Select(found => new ProtoMessage(found.Bytes));

    public bool Has(int field) => _fields.Exists(candidate => candidate.Field == field);

    public ulong Number(int field) => _fields.Find(candidate => candidate.Field == field).Number;

    public string Text(int field) => Encoding.UTF8.GetString(_fields.Find(candidate => candidate.Field == field).Bytes.Span);

    public string Hex(int field) => Convert.ToHexStringLower(_fields.Find(candidate => candidate.Field == field).Bytes.Span);

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> rest, int count)
    {
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }

    private static ulong Varint(ref ReadOnlyMemory<byte> rest)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = Take(ref rest, 1).Span[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }
    }
}
