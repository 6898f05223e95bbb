using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using SignalFlow.Api.Answers;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Posts;

/// <summary>
/// Tags of posts: of what was observed and found, not of <c>age_minutes</c> and <c>momentum</c>, which are others at every look, nor of the cursors,
/// which hold the time. Whatever is stored of a post changes with its newest observation; the topic and the score come later.
/// </summary>
internal static class PostTags
{
    public static string Of(PostView post)
    {
        var content = new ArrayBufferWriter<byte>(64);
        Add(content, post);
        return EncodedAnswer.TagOf(content.WrittenSpan);
    }

    public static string Of(PostPage page)
    {
        var content = new ArrayBufferWriter<byte>(16 + page.Results.Count * 64);
        foreach (var post in page.Results)
            Add(content, post);
        content.Write([page.Next is null ? (byte)0 : (byte)1, page.Previous is null ? (byte)0 : (byte)1]);
        return EncodedAnswer.TagOf(content.WrittenSpan);
    }

    private static void Add(ArrayBufferWriter<byte> content, PostView post)
    {
        var row = content.GetSpan(64);
        BinaryPrimitives.WriteInt64LittleEndian(row, post.LastPolledAt.Ticks);
        BinaryPrimitives.WriteInt32LittleEndian(row[8..], post.CurrentScore);
        BinaryPrimitives.WriteInt32LittleEndian(row[12..], post.CurrentComments);
        BinaryPrimitives.WriteDoubleLittleEndian(row[16..], post.TrendingScore);
        BinaryPrimitives.WriteDoubleLittleEndian(row[24..], post.Nlp?.SentimentScore ?? double.NaN);
        BinaryPrimitives.WriteInt32LittleEndian(row[32..], post.Nlp?.TopicCluster ?? -1);
        BinaryPrimitives.WriteInt32LittleEndian(row[36..], post.Title.Length);
        row[40] = (byte)((post.Purged ? 1 : 0) | (post.IsTrending ? 2 : 0) | (post.Over18 ? 4 : 0) | (post.Nlp is { SentimentReliable: false } ? 8 : 0));
        BinaryPrimitives.WriteDoubleLittleEndian(row[41..], post.Surge?.Score ?? double.NaN);
        BinaryPrimitives.WriteInt64LittleEndian(row[49..], post.Surge?.Since?.Ticks ?? 0);
        content.Advance(57);
        Encoding.UTF8.GetBytes(post.Id, content);
        Encoding.UTF8.GetBytes(post.PollPriority ?? "", content);
        content.Write([(byte)0]);
    }
}
