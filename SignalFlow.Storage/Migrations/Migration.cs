using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace SignalFlow.Storage.Migrations;

/// <summary>One numbered step of the schema: a script for all modes, or one for each.</summary>
internal sealed record Migration(int Version, string Name, IReadOnlyDictionary<StorageMode, MigrationScript> Scripts)
{
    public static IReadOnlyList<Migration> All { get; } = Load(typeof(Migration).Assembly);

    public bool HasChecksum(string checksum) => Scripts.Values.Any(script => script.Checksum == checksum);

    private static List<Migration> Load(Assembly assembly)
    {
        var migrations = assembly.GetManifestResourceNames()
            .Where(resource => resource.EndsWith(".sql", StringComparison.Ordinal))
            .GroupBy(resource => int.Parse(resource.AsSpan(0, 4), CultureInfo.InvariantCulture))
            .OrderBy(version => version.Key)
            .Select(version => Read(assembly, version.Key, [.. version]))
            .ToList();
        for (var index = 0; index < migrations.Count; index++)
        {
            if (migrations[index].Version != index + 1)
                throw new InvalidOperationException($"Migration {index + 1:D4} is missing or doubled; found {migrations[index].Name}.");
        }

        return migrations;
    }

    /// <param name="resources"><c>NNNN_name.sql</c>, or several <c>NNNN_name.mode+mode.sql</c> that have every mode once.</param>
    private static Migration Read(Assembly assembly, int version, string[] resources)
    {
        var scripts = new Dictionary<StorageMode, MigrationScript>();
        foreach (var resource in resources)
        {
            var script = MigrationScript.Read(assembly, resource);
            var modes = resource.Split('.') is [_, var names, _] ? Array.ConvertAll(names.Split('+'), Mode) : Enum.GetValues<StorageMode>();
            foreach (var mode in modes)
            {
                if (!scripts.TryAdd(mode, script))
                    throw new InvalidOperationException($"Migration {version:D4} has several scripts for {mode}.");
            }
        }

        var name = resources[0].Split('.')[0];
        return scripts.Count == Enum.GetValues<StorageMode>().Length
            ? new(version, name, scripts)
            : throw new InvalidOperationException($"Migration {name} lacks the script of a mode.");
    }

    private static StorageMode Mode(string name) => Enum.Parse<StorageMode>(name, ignoreCase: true);
}

internal sealed record MigrationScript(string Sql, string Checksum)
{
    public static MigrationScript Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
        // A checkout with CRLF must not look like another script.
        var sql = reader.ReadToEnd().ReplaceLineEndings("\n");
        return new(sql, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql))));
    }
}
