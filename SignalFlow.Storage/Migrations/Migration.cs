using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace SignalFlow.Storage.Migrations;

/// <summary>One numbered SQL script of this assembly, <c>NNNN_name.sql</c>.</summary>
internal sealed record Migration(int Version, string Name, string Sql, string Checksum)
{
    public static IReadOnlyList<Migration> All { get; } = Load(typeof(Migration).Assembly);

    /// <param name="file">The name of the script.</param>
    /// <param name="text">Its content; a checkout with CRLF does not make it another script.</param>
    public static Migration Of(string file, string text)
    {
        var sql = text.ReplaceLineEndings("\n");
        var checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql)));
        return new(int.Parse(file.AsSpan(0, 4), CultureInfo.InvariantCulture), Path.GetFileNameWithoutExtension(file), sql, checksum);
    }

    /// <exception cref="InvalidOperationException">The numbers do not run from 1 without a gap.</exception>
    public static List<Migration> InOrder(IEnumerable<Migration> scripts)
    {
        var migrations = scripts.OrderBy(migration => migration.Version).ToList();
        for (var index = 0; index < migrations.Count; index++)
        {
            if (migrations[index].Version != index + 1)
                throw new InvalidOperationException($"Migration {index + 1:D4} is missing or doubled; found {migrations[index].Name}.");
        }

        return migrations;
    }

    private static List<Migration> Load(Assembly assembly) => InOrder(assembly.GetManifestResourceNames()
        .Where(resource => resource.EndsWith(".sql", StringComparison.Ordinal))
        .Select(resource =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            return Of(resource, reader.ReadToEnd());
        }));
}
