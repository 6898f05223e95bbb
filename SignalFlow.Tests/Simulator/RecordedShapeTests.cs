using System.Text.Json;

namespace SignalFlow.Tests.Simulator;

public sealed class RecordedShapeTests
{
    [Theory]
    [InlineData("t3", "/r/technology+science+news+AskReddit/new?limit=100", 40)]
    [InlineData("t5", "/r/technology/about", 15)]
    public async Task Fields_and_their_kinds_are_a_subset_of_the_recorded_ones(string kind, string path, int atLeast)
    {
        if (SharedData.Path("reddit-api") is not { } folder)
        {
            Assert.Skip("../shared/data/reddit-api is not there");
            return;
        }

        var recorded = new HashSet<(string Field, string Kind)>();
        foreach (var file in Directory.EnumerateFiles(folder, "*.json"))
        {
            using var recording = JsonDocument.Parse(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
            recorded.UnionWith(FieldsOf(recording.RootElement, kind));
        }

        await using var app = await SimulatorApp.StartAsync(("BackfillHours", 24));
        await app.AuthorizeAsync();
        using var answer = await SimulatorApp.ReadAsync(await app.GetAsync(path));
        var ours = FieldsOf(answer.RootElement, kind).ToHashSet();

        Assert.True(ours.DistinctBy(field => field.Field).Count() >= atLeast);
        Assert.Empty(ours.Except(recorded));
    }

    private static IEnumerable<(string Field, string Kind)> FieldsOf(JsonElement value, string kind)
    {
        if (value.ValueKind == JsonValueKind.Array)
            return value.EnumerateArray().SelectMany(item => FieldsOf(item, kind));

        if (value.ValueKind != JsonValueKind.Object)
            return [];

        var below = value.EnumerateObject().SelectMany(field => FieldsOf(field.Value, kind));
        return value.TryGetProperty("kind", out var its) && its.ValueEquals(kind) && value.GetProperty("data") is { ValueKind: JsonValueKind.Object } data
            ? data.EnumerateObject().Select(field => (field.Name, KindOf(field.Value))).Concat(below)
            : below;
    }

    private static string KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetRawText().Contains('.', StringComparison.Ordinal) ? "float" : "int",
        JsonValueKind.True or JsonValueKind.False => "bool",
        var kind => kind.ToString(),
    };
}
