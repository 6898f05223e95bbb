using System.Reflection;
using System.Text;
using System.Text.Json;
using CsCheck;
using SignalFlow.Contracts;
using SignalFlow.Processing.Decoding;

namespace SignalFlow.Tests.Processing;

/// <summary>The serializer is what the reader is compared with: whatever it makes of a message, the reader makes, too.</summary>
public sealed class ObservationReaderTests
{
    private static readonly string[] Names =
    [
        .. typeof(PostObservation).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)).Append("over_18"),
    ];

    private static readonly Gen<string> GenValue = Gen.OneOf(
        Gen.String[0, 12].Select(text => JsonSerializer.Serialize(text)),
        One("null", "true", "false", "1", "-7", "0.25", "1e3", "1.0", "99999999999", "1795428000.125", "[1,{\"id\":2}]", "{\"title\":\"x\"}",
            "\"aggressive\"", "\"slow\"", "\"\\u0061ggressive\"", "\"a\\ud83dz\"", "\"\\u0000\"", "1e999", "01", "\"cut"));

    private static readonly Gen<string> GenName = Gen.OneOf(
        One(Names), One("new_field", "ID", "titl\\u0065", "over18"));

    [Fact]
    public void Any_message_means_what_the_serializer_says() =>
        Gen.Select(GenName, GenValue).Array[0, 12].Select(Gen.Bool, One("", " \n", "x", "{}")).Sample((fields, isComplete, end) =>
        {
            var required = isComplete
                ? """ "id":"x","title":"t","subreddit":"s","created_utc":1795420000,"score":1,"num_comments":0 """
                : "\"id\":\"x\"";
            var json = Encoding.UTF8.GetBytes($"{{{string.Join(',', fields.Select(field => $"\"{field.Item1}\":{field.Item2}").Prepend(required))}}}{end}");
            Assert.Equal(
                Outcome(() => JsonSerializer.Deserialize(json, ContractsJsonContext.Default.PostObservation)), Outcome(() => ObservationReader.Read(json)));
        }, iter: 20_000);

    [Fact]
    public void Every_field_is_read() =>
        Assert.All(typeof(PostObservation).GetProperties(BindingFlags.Public | BindingFlags.Instance), property =>
        {
            var full = new PostObservation
            {
                Id = "id",
                Title = "title",
                Selftext = "selftext",
                Subreddit = "subreddit",
                Author = "author",
                CreatedUtc = 1.5,
                Score = 2,
                NumComments = 3,
                UpvoteRatio = 0.5,
                Over18 = true,
                Url = "url",
                Permalink = "permalink",
                Flair = "flair",
                PollPriority = "priority",
                ObservedAt = 4.5,
                LastPolledAt = 5.5,
                RemovedByCategory = "moderator",
                SchemaVersion = 6,
            };
            var read = ObservationReader.Read(JsonSerializer.SerializeToUtf8Bytes(full, ContractsJsonContext.Default.PostObservation));

            Assert.Equal(property.GetValue(full), property.GetValue(read));
            Assert.NotNull(property.GetValue(read));
        });

    private static Gen<string> One(params string[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static string Outcome(Func<PostObservation?> read)
    {
        try
        {
            return read()?.ToString() ?? "null";
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return exception.GetType().Name + exception.Message;
        }
    }
}
