using System.IO.Compression;

namespace SignalFlow.Processing.Surge;

/// <summary>
/// The rows of a cut as compressed bytes. Numbers are single: whoever compares with a table reads it from its bytes, also the one who has made it.
/// </summary>
internal static class BaselineRowsCodec
{
    private const byte Version = 1;

    public static byte[] Encode(BaselineRows rows)
    {
        using var bytes = new MemoryStream();
        using (var compressed = new BrotliStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var writer = new BinaryWriter(compressed))
        {
            writer.Write(Version);
            writer.Write(rows.Bins.Count);
            foreach (var row in rows.Bins)
            {
                WriteName(writer, row.Subreddit);
                writer.Write((byte)row.Bin);
                writer.Write((float)row.Age);
                Write(writer, row.Score);
                Write(writer, row.Comments);
                Write(writer, row.Gain);
            }

            writer.Write(rows.Growth.Count);
            foreach (var row in rows.Growth)
            {
                WriteName(writer, row.Subreddit);
                writer.Write((byte)row.Bin);
                writer.Write((byte)row.Class);
                writer.Write(row.Count);
                writer.Write((float)row.Low);
                writer.Write((float)row.Median);
                writer.Write((float)row.High);
            }

            writer.Write(rows.Communities.Count);
            foreach (var row in rows.Communities)
            {
                WriteName(writer, row.Subreddit);
                writer.Write(row.Count);
                writer.Write((float)row.P50);
                writer.Write((float)row.P90);
                writer.Write((float)row.P95);
                writer.Write((float)row.Mad);
            }
        }

        return bytes.ToArray();
    }

    /// <exception cref="InvalidDataException">These are rows of another version.</exception>
    public static BaselineRows Decode(byte[] bytes)
    {
        using var reader = new BinaryReader(new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress));
        if (reader.ReadByte() is not Version and var other)
            throw new InvalidDataException($"The baselines have version {other}, not {Version}.");
        var rows = new BaselineRows([], [], []);
        for (var left = reader.ReadInt32(); left > 0; left--)
            rows.Bins.Add(new(ReadName(reader), reader.ReadByte(), reader.ReadSingle(), ReadSpread(reader), ReadSpread(reader), ReadSpread(reader)));
        for (var left = reader.ReadInt32(); left > 0; left--)
            rows.Growth.Add(new(ReadName(reader), reader.ReadByte(), reader.ReadByte(), reader.ReadInt32(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle()));
        for (var left = reader.ReadInt32(); left > 0; left--)
            rows.Communities.Add(new(ReadName(reader), reader.ReadInt32(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle()));
        return rows;
    }

    private static void WriteName(BinaryWriter writer, string? subreddit) => writer.Write(subreddit ?? "");

    private static string? ReadName(BinaryReader reader) => reader.ReadString() is { Length: > 0 } name ? name : null;

    private static void Write(BinaryWriter writer, Spread spread)
    {
        writer.Write(spread.Count);
        writer.Write((float)spread.Median);
        writer.Write((float)spread.Mad);
    }

    private static Spread ReadSpread(BinaryReader reader) => new(reader.ReadInt32(), reader.ReadSingle(), reader.ReadSingle());
}
