using System.Text.Json;

namespace SignalFlow.Tests.Simulator;

internal static class JsonPostExtensions
{
    public static string Text(this JsonElement post, string field) => post.GetProperty(field).GetString()!;

    public static int Number(this JsonElement post, string field) => post.GetProperty(field).GetInt32();

    public static string Id(this JsonElement post) => post.Text("id");
}
