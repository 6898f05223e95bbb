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

    /// <param name="scripts"><c>NNNN_name.sql</c>, or several <c>NNNN_name.mode+mode.sql</c> that have every mode once.</param>
    public static Migration Of(params IReadOnlyCollection<(string File, string Text)> scripts)
    {
        var first = scripts.First().File;
        var version = VersionOf(first);
        var byMode = new Dictionary<StorageMode, MigrationScript>();
        foreach (var (file, text) in scripts)
        {
            var script = MigrationScript.Of(text);
            var modes = file.Split('.') is [_, var names, _] ? Array.ConvertAll(names.Split('+'), Mode) : Enum.GetValues<StorageMode>();
            foreach (var mode in modes)
            {
                if (!byMode.TryAdd(mode, script))
                    throw new InvalidOperationException($"Migration {version:D4} has several scripts for {mode}.");
            }
        }

        var name = first.Split('.')[0];
        return byMode.Count == Enum.GetValues<StorageMode>().Length
            ? new(version, name, byMode)
            : throw new InvalidOperationException($"Migration {name} lacks the script of a mode.");
    }

    /// <exception cref="InvalidOperationException">The numbers do not run from 1 without a gap.</exception>
    public static List<Migration> InOrder(IEnumerable<Migration> given)
    {
        var migrations = given.OrderBy(migration => migration.Version).ToList();
        for (var index = 0; index < migrations.Count; index++)
        {
            if (migrations[index].Version != index + 1)
                throw new InvalidOperationException($"Migration {index + 1:D4} is missing or doubled; found {migrations[index].Name}.");
        }

        return migrations;
    }

    private static List<Migration> Load(Assembly assembly) => InOrder(assembly.GetManifestResourceNames()
        .Where(resource => resource.EndsWith(".sql", StringComparison.Ordinal))
        .GroupBy(VersionOf)
        .Select(version => Of([.. version.Select(resource => (resource, Read(assembly, resource)))])));

    private static string Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static int VersionOf(string file) => int.Parse(file.AsSpan(0, 4), CultureInfo.InvariantCulture);

    private static StorageMode Mode(string name) => Enum.Parse<StorageMode>(name, ignoreCase: true);
}

internal sealed record MigrationScript(string Sql, string Checksum)
{
    public static MigrationScript Of(string text)
    {
        // A checkout with CRLF must not look like another script.
        var sql = text.ReplaceLineEndings("\n");
        return new(sql, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql))));
    }
}
