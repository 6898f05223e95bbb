using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace SignalFlow.Storage.Migrations;

/// <summary>One numbered SQL script of this assembly, <c>NNNN_name.sql</c>.</summary>
internal sealed record Migration(int Version, string Name, string Sql, string Checksum)
{
    public static IReadOnlyList<Migration> All { get; } = Load(typeof(Migration).Assembly);

    private static List<Migration> Load(Assembly assembly)
    {
        var migrations = assembly.GetManifestResourceNames()
            .Where(resource => resource.EndsWith(".sql", StringComparison.Ordinal))
            .Select(resource => Read(assembly, resource))
            .OrderBy(migration => migration.Version)
            .ToList();
        for (var index = 0; index < migrations.Count; index++)
        {
            if (migrations[index].Version != index + 1)
                throw new InvalidOperationException($"Migration {index + 1:D4} is missing or doubled; found {migrations[index].Name}.");
        }

        return migrations;
    }

    private static Migration Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
        // A checkout with CRLF must not look like another script.
        var sql = reader.ReadToEnd().ReplaceLineEndings("\n");
        var checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql)));
        return new(int.Parse(resource.AsSpan(0, 4), CultureInfo.InvariantCulture), Path.GetFileNameWithoutExtension(resource), sql, checksum);
    }
}
