using System.Text;

namespace SignalFlow.Tests.Processing;

/// <summary>Records that can never be an observation, by kind.</summary>
internal static class PoisonMessages
{
    public static IReadOnlyDictionary<string, byte[]> All { get; } = new Dictionary<string, byte[]>
    {
        ["no value"] = [],
        ["not JSON"] = "<html>503</html>"u8.ToArray(),
        ["cut off"] = "{\"id\":\"x\",\"title\":\"cut"u8.ToArray(),
        ["null"] = "null"u8.ToArray(),
        ["an array"] = "[1,2]"u8.ToArray(),
        ["invalid UTF-8"] =
            [.. "{\"id\":\"x\",\"title\":\""u8, 0xC3, 0x28, .. "\",\"subreddit\":\"s\",\"created_utc\":1795420000,\"score\":1,\"num_comments\":0}"u8],
        ["without title"] = Json("""{"id":"x","subreddit":"s","created_utc":1795420000,"score":1,"num_comments":0}"""),
        ["without score"] = Json("""{"id":"x","title":"t","subreddit":"s","created_utc":1795420000,"num_comments":0}"""),
        ["title is null"] = Json("""{"id":"x","title":null,"subreddit":"s","created_utc":1795420000,"score":1,"num_comments":0}"""),
        ["id is empty"] = Json("""{"id":"","title":"t","subreddit":"s","created_utc":1795420000,"score":1,"num_comments":0}"""),
        ["score is text"] = Json("""{"id":"x","title":"t","subreddit":"s","created_utc":1795420000,"score":"many","num_comments":0}"""),
        ["score beyond int"] = Json("""{"id":"x","title":"t","subreddit":"s","created_utc":1795420000,"score":99999999999,"num_comments":0}"""),
        ["score has a fraction"] = Json("""{"id":"x","title":"t","subreddit":"s","created_utc":1795420000,"score":1.5,"num_comments":0}"""),
        ["comments below zero"] = Json("""{"id":"x","title":"t","subreddit":"s","created_utc":1795420000,"score":1,"num_comments":-1}"""),
        ["ratio above one"] = Json("""{"id":"x","title":"t","subreddit":"s","created_utc":1795420000,"score":1,"num_comments":0,"upvote_ratio":97}"""),
        ["created before Reddit"] = Json("""{"id":"x","title":"t","subreddit":"s","created_utc":0,"score":1,"num_comments":0}"""),
        ["created in milliseconds"] = Json("""{"id":"x","title":"t","subreddit":"s","created_utc":1795420000000,"score":1,"num_comments":0}"""),
        ["observed in the far future"] = Json(
            """{"id":"x","title":"t","subreddit":"s","created_utc":1795420000,"score":1,"num_comments":0,"observed_at":1e300}"""),
        ["NUL in the title"] = Json("""{"id":"x","title":"a\u0000b","subreddit":"s","created_utc":1795420000,"score":1,"num_comments":0}"""),
        ["NUL in the body"] = Json("""{"id":"x","title":"t","selftext":"\u0000","subreddit":"s","created_utc":1795420000,"score":1,"num_comments":0}"""),
        ["lone surrogate"] = Json("""{"id":"x","title":"a\ud83dz","subreddit":"s","created_utc":1795420000,"score":1,"num_comments":0}"""),
        ["title of 1 MiB"] = Json(
            $$"""{"id":"x","title":"{{new string('t', 1 << 20)}}","subreddit":"s","created_utc":1795420000,"score":1,"num_comments":0}"""),
        ["NUL in the reason of a removal"] = Json(
            """{"id":"x","title":"[deleted]","removed_by_category":"a\u0000","subreddit":"s","created_utc":1795420000,"score":1,"num_comments":0}"""),
        ["empty reason of a removal"] = Json(
            """{"id":"x","title":"[deleted]","removed_by_category":"","subreddit":"s","created_utc":1795420000,"score":1,"num_comments":0}"""),
        ["long reason of a removal"] = Json(
            $$"""{"id":"x","title":"[deleted]","removed_by_category":"{{new string('r', 101)}}","subreddit":"s","created_utc":1795420000,"score":1,"num_comments":0}"""),
        ["key of another post"] = Json(
            """{"id":"x","title":"t","subreddit":"s","created_utc":1795420000,"score":1,"num_comments":0,"observed_at":1795420000}"""),
    };

    private static byte[] Json(string text) => Encoding.UTF8.GetBytes(text);
}
