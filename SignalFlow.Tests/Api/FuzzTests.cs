using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Api;

/// <summary>Whatever is sent to whichever parameter: an answer, soon, and never a fault of ours.</summary>
public sealed partial class FuzzTests(PostgresFixture postgres)
{
    private const int Requests = 10_000;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private static readonly string[] Nasty =
    [
        "", " ", "\0", "a\0b", "%00", "%",
        "-1", "0", "1", "2147483648", "99999999999999999999999", "1e400", "-0", "NaN", "Infinity", "0x10", "１２", "true", "TRUE", "null",
        "2026-13-45", "2026-11-23", "9999-12-31", "0001-01-01", "9999-12-31T23:59:59.9999999+14:00", "0001-01-01T00:00:00-14:00",
        "2026-11-23T12:00:00Z", "yesterday",
        "'", "'; DROP TABLE posts; --", "\"", "\\", "\\u0000", "%27", "$1", "{0}", "{", "[]", ",", ",,,,", "a,b,c",
        ".", "..", "../../etc/passwd", "*", "(", "a(b", "& | !", "a & ",
        "\u202e\u0000", "👩‍🚀", "e\u0301", "\ud800", "İ", "ß", "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "\r\nX-Header: 1", "\t",
        "bnVsbHw=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "TmV3fGZ8MXw2Mzg5OTk5OTk5OTk5OTk5OTl8YQ", "f1", "b99999999999999999999",
    ];

    private static readonly string[] Good =
    [
        "new", "score", "velocity", "trending", "momentum", "relevance", "technology", "positive", "5", "200", "title", "\"a title\" -b",
        "csv", "ndjson", "hour", "day", "json", "reddit.posts.raw", "24", "someone", "one", "fast", "2026-11-22", "2026-11-24",
    ];

    private static readonly Gen<string> Value = Gen.Frequency(
        (5, AnyOf(Nasty)),
        (4, AnyOf(Good)),
        (1, Gen.String[0, 40]),
        (1, Gen.Select(AnyOf(Nasty), Gen.Int[1, 400], (text, times) => string.Concat(Enumerable.Repeat(text, times)))));

    private static readonly Gen<string> Body = Gen.OneOf(
        AnyOf("", "null", "[]", "{", "{}", "\"text\"", "1", "{\"username\":{}}", "{\"ids\":[1e99]}", "{\"name\":\"\\u0000\"}", "{\"name\":\"\\ud800\"}"),
        Gen.Select(
            AnyOf(
                "username", "password", "role", "name", "scopes", "expires_at", "ids", "reason", "priority", "interval_seconds",
                "refresh", "token", "dry_run"),
            Value)
            .Array[0, 4].Select(fields =>
                "{" + string.Join(',', fields.Select(field => $"\"{field.Item1}\":{System.Text.Json.JsonSerializer.Serialize(field.Item2)}")) + "}"));

    [Fact]
    public async Task No_input_makes_the_api_fail_or_hang()
    {
        await using var api = await ApiApplication.StartAsync(postgres, signedInAs: "admin", settings: new() { ["Api:UserRequestsPerMinute"] = "0" });
        await api.StoreAsync(api.Post("a"), api.Post("b", createdMinutesAgo: 200, score: 900), api.Post("c", title: "another title", subreddit: "news"));
        await api.CountAsync();
        var operations = await OperationsAsync(api);
        var statuses = new System.Collections.Concurrent.ConcurrentDictionary<HttpStatusCode, int>();

        await Gen.Select(AnyOf(operations), Value.Array[12], Gen.Int[0, (1 << 12) - 1], Body).SampleAsync(
            async (operation, values, chosen, body) =>
            {
                var started = Stopwatch.GetTimestamp();
                using var request = operation.Request(values, chosen, body);
                using var answer = await api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
                statuses.AddOrUpdate(answer.StatusCode, 1, (_, count) => count + 1);
                // There is no Kafka here to replay to, and it says so.
                var isFault = (int)answer.StatusCode >= 500
                    && !(answer.StatusCode == HttpStatusCode.ServiceUnavailable
                        && operation.Path.StartsWith("/dlq/replay", StringComparison.Ordinal));
                return !isFault && Stopwatch.GetElapsedTime(started) < Longest;
            },
            iter: Requests,
            threads: 4,
            print: input => input.Item1.Request(input.Item2, input.Item3, input.Item4) is var request
                ? $"{request.Method} {request.RequestUri} {input.Item4}"
                : "");

        // What is always refused is not tried.
        Assert.True(statuses[HttpStatusCode.OK] > Requests / 20, $"Only {statuses[HttpStatusCode.OK]} requests got through.");
        Assert.True(statuses[HttpStatusCode.BadRequest] > Requests / 20);
    }

    private static Gen<T> AnyOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static async Task<Operation[]> OperationsAsync(ApiApplication api) =>
    [
        .. from path in (await OpenApiTests.DocumentAsync(api)).Paths
           from operation in path.Value.Operations!
           // Ends the sign-in that the others need.
           where path.Key is not "/api/account/password"
           select new Operation(
               operation.Key, path.Key,
               [.. operation.Value.Parameters?.Where(parameter => parameter.In == Microsoft.OpenApi.ParameterLocation.Query)
                   .Select(parameter => parameter.Name!) ?? []]),
    ];

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex PathParameter();

    private sealed record Operation(HttpMethod Method, string Path, string[] Query)
    {
        /// <param name="values">In order: those of the path, then those of the query.</param>
        /// <param name="chosen">A bit for each parameter of the query: whether it is given.</param>
        /// <param name="body">Where the method has one.</param>
        public HttpRequestMessage Request(string[] values, int chosen, string body)
        {
            var next = 0;
            var address = new StringBuilder(PathParameter().Replace(Path, _ => Escaped(values[next++ % values.Length]))).Append('/');
            for (var index = 0; index < Query.Length; index++)
            {
                // Few at a time, else nearly every request has a wrong one.
                if ((chosen >> index & 1) == 1 && (chosen >> (index + 5) % 12 & 1) == 1)
                    address.Append(address.ToString().Contains('?', StringComparison.Ordinal) ? '&' : '?')
                        .Append(CultureInfo.InvariantCulture, $"{Query[index]}={Escaped(values[next++ % values.Length])}");
            }

            return new(Method, address.ToString())
            {
                Content = Method == HttpMethod.Get
                    ? null
                    : new StringContent(body, Encoding.UTF8, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")),
            };
        }

        // Too long an address never gets here: it is the client's and the server's to refuse.
        private static string Escaped(string value) => Uri.EscapeDataString(value[..Math.Min(value.Length, 500)]);
    }
}
