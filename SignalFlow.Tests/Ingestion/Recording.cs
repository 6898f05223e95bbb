using System.Text;
using System.Text.Json;

namespace SignalFlow.Tests.Ingestion;

/// <summary>A recorded answer of the real API, ready to be replayed.</summary>
internal sealed class Recording
{
    // These describe the recorded connection, not the answer.
    private static readonly string[] OfTheConnection = ["Connection", "Keep-Alive", "Transfer-Encoding", "Content-Encoding", "Content-Length"];

    private Recording(JsonElement document)
    {
        var response = document.GetProperty("response");
        Body = response.GetProperty("body");
        // A body that is a string was not JSON.
        var text = Body.ValueKind == JsonValueKind.String ? Body.GetString()! : Body.GetRawText();
        Answer = new ServerAnswer(
            response.GetProperty("status").GetInt32(),
            Encoding.UTF8.GetBytes(text),
            [.. response.GetProperty("headers").EnumerateObject()
                .Where(header => !OfTheConnection.Contains(header.Name, StringComparer.OrdinalIgnoreCase))
                .Select(header => (header.Name, header.Value.GetString()!))]);
    }

    public static string? Folder => SharedData.Path("reddit-api");

    public ServerAnswer Answer { get; }

    public JsonElement Body { get; }

    /// <summary>The posts of the answer's listings as the file has them.</summary>
    public IEnumerable<JsonElement> Posts =>
        (Body.ValueKind == JsonValueKind.Array ? Body.EnumerateArray().ToArray() : [Body])
        .SelectMany(listing => listing.GetProperty("data").GetProperty("children").EnumerateArray())
        .Where(child => child.GetProperty("kind").GetString() == "t3")
        .Select(child => child.GetProperty("data"));

    public string? Header(string name) =>
        Answer.Headers.Where(header => string.Equals(header.Name, name, StringComparison.OrdinalIgnoreCase))
            .Select(header => header.Value).FirstOrDefault();

    public static Recording Load(string name) =>
        new(JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder!, name))).RootElement);
}
