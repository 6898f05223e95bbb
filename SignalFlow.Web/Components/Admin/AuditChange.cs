using System.Text.Json;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Admin;

/// <param name="Field">Its name in words.</param>
/// <param name="Old">Null: there was none.</param>
/// <param name="New">Null: there is none any more.</param>
public sealed record AuditChange(string Field, string? Old, string? New)
{
    private const string None = "none";

    /// <summary>What an entry of the log says has changed; of what was added or deleted all fields.</summary>
    public static IReadOnlyList<AuditChange> Of(AuditView entry)
    {
        var old = Fields(entry.Old);
        var @new = Fields(entry.New);
        var changes = new List<AuditChange>();
        foreach (var (name, value) in old)
        {
            var next = @new.GetValueOrDefault(name);
            if (next != value)
                changes.Add(new(Words(name), value, entry.New is null ? null : next ?? None));
        }

        foreach (var (name, value) in @new)
        {
            if (!old.ContainsKey(name))
                changes.Add(new(Words(name), entry.Old is null ? null : None, value));
        }

        return changes;
    }

    private static Dictionary<string, string> Fields(JsonElement? json) => json switch
    {
        { ValueKind: JsonValueKind.Object } fields => fields.EnumerateObject().ToDictionary(field => field.Name, field => Text(field.Value)),
        null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => [],
        { } value => new() { ["value"] = Text(value) },
    };

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.Null => None,
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Text)),
        _ => value.GetRawText(),
    };

    private static string Words(string name) => name.Replace('_', ' ');
}
