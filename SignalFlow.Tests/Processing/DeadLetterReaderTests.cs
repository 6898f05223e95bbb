using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using CsCheck;
using SignalFlow.Contracts;
using SignalFlow.Processing.DeadLetters;
using SignalFlow.Storage.DeadLetters;

namespace SignalFlow.Tests.Processing;

public sealed class DeadLetterReaderTests
{
    private static readonly DateTimeOffset Written = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_letter_of_ours_is_read_as_it_was_written()
    {
        var letter = Read("a1"u8.ToArray(), """{"id":"a1"}"""u8.ToArray(), Ours());

        Assert.Equal(("reddit.posts.refresh", 2, 4711L), (letter.SourceTopic, letter.SourcePartition, letter.SourceOffset));
        Assert.Equal(("range", "score is 1.5 – no"), (letter.ErrorClass, letter.ErrorMessage));
        Assert.Equal((new DateTime(2026, 11, 23, 9, 59, 58, 123, DateTimeKind.Utc), 3), (letter.FailedAt, letter.Attempt));
        Assert.Equal((0, 7L), (letter.DlqPartition, letter.DlqOffset));
        Assert.Equal("""[{"key":"traceparent","encoding":"utf-8","value":"00-1"}]""", letter.Headers);
    }

    [Fact]
    public void The_headers_of_the_original_message_survive_in_order_whatever_they_hold() =>
        Gen.Select(Gen.String[1, 8], Gen.Byte.Array[0, 12].Null()).Array[0, 6].Sample(given =>
        {
            var original = given.Where(header => !header.Item1.StartsWith("sf-", StringComparison.Ordinal)).ToArray();
            var headers = Ours();
            headers.Remove("traceparent");
            foreach (var (key, value) in original)
                headers.Add(key, value);

            using var json = JsonDocument.Parse(Read(null, null, headers).Headers);
            var read = json.RootElement.EnumerateArray().Select(header => (
                Key: header.GetProperty("key").GetString(),
                Value: Value(header.GetProperty("encoding").GetString()!, header.GetProperty("value").GetString()))).ToArray();

            Assert.DoesNotContain("\\u0000", json.RootElement.GetRawText(), StringComparison.Ordinal);
            Assert.Equal(original.Length, read.Length);
            for (var index = 0; index < read.Length; index++)
                Assert.Equal(original[index].Item2, read[index].Value);
        });

    [Theory]
    [InlineData(null, "5", "6")]
    [InlineData("reddit.posts.raw", null, "6")]
    [InlineData("reddit.posts.raw", "-1", "6")]
    [InlineData("reddit.posts.raw", "5", "six")]
    [InlineData("reddit.posts.raw", "5", "99999999999999999999")]
    [InlineData("not/a topic", "5", "6")]
    [InlineData("", "5", "6")]
    public void A_letter_that_does_not_say_where_it_comes_from_stands_for_itself(string? topic, string? partition, string? offset)
    {
        var headers = new Headers();
        Add(headers, DeadLetterHeaders.SourceTopic, topic);
        Add(headers, DeadLetterHeaders.SourcePartition, partition);
        Add(headers, DeadLetterHeaders.SourceOffset, offset);

        var letter = Read("k"u8.ToArray(), "v"u8.ToArray(), headers);

        Assert.Equal((KafkaTopics.DeadLetter, 0, 7L), (letter.SourceTopic, letter.SourcePartition, letter.SourceOffset));
    }

    [Fact]
    public void A_letter_without_headers_has_the_time_of_its_record_and_an_unknown_class()
    {
        var letter = Read(null, null, headers: null);

        Assert.Equal(("unknown", "", 1, Written.UtcDateTime), (letter.ErrorClass, letter.ErrorMessage, letter.Attempt, letter.FailedAt));
        Assert.Equal(((byte[]?)null, (byte[]?)null, "[]"), (letter.Key, letter.Payload, letter.Headers));
        Assert.Empty(letter.PostIds);
    }

    [Fact]
    public void Any_record_can_be_read_and_its_texts_hold_nothing_that_PostgreSQL_refuses()
    {
        string[] names =
        [
            DeadLetterHeaders.ErrorClass, DeadLetterHeaders.ErrorMessage, DeadLetterHeaders.SourceTopic, DeadLetterHeaders.SourcePartition,
            DeadLetterHeaders.SourceOffset, DeadLetterHeaders.FailedAt, DeadLetterHeaders.Attempt, "sf-other", "x",
        ];
        var bytes = Gen.OneOf(Gen.Byte.Array[0, 40], Gen.Int.Select(number => Encoding.UTF8.GetBytes($"{number}")), Gen.Const("a\0b"u8.ToArray()));
        Gen.Select(bytes.Null(), bytes.Null(), Gen.Select(Gen.Int[0, names.Length - 1], bytes.Null()).Array[0, 12]).Sample((key, value, given) =>
        {
            var headers = new Headers();
            foreach (var (name, header) in given)
                headers.Add(names[name], header);

            var letter = Read(key, value, headers);

            Assert.Equal(key, letter.Key);
            Assert.Equal(value, letter.Payload);
            Assert.InRange(letter.Attempt, 1, 1_000_000);
            Assert.InRange(letter.SourcePartition, 0, int.MaxValue);
            Assert.InRange(letter.SourceOffset, 0, long.MaxValue);
            Assert.Matches("^[a-z0-9._-]{1,50}$", letter.ErrorClass);
            Assert.All([letter.SourceTopic, letter.ErrorMessage, .. letter.PostIds], text => Assert.DoesNotContain('\0', text));
        });
    }

    [Theory]
    [InlineData("a1", """{"id":"a1","title":"t"}""", "a1")]
    [InlineData(null, """{"title":"t","id":"b2","score":""", "b2")]
    [InlineData("a1", """{"id":"b2"}""", "a1,b2")]
    // The decoder takes the last one.
    [InlineData(null, """{"id":"a1","id":"b2"}""", "a1,b2")]
    [InlineData(null, """{"nested":{"id":"no"},"id":"b2"}""", "b2")]
    [InlineData(null, """{"i\u0064":"b\u0032"}""", "b2")]
    [InlineData(null, """{"id":"a\u0000b"}""", "")]
    [InlineData(null, """{"id":""}""", "")]
    [InlineData(null, """{"id":5}""", "")]
    [InlineData(null, """["id","b2"]""", "")]
    [InlineData(null, "<html>", "")]
    [InlineData("", "", "")]
    public void A_purge_finds_it_by_key_and_by_content(string? key, string value, string expected) =>
        Assert.Equal(expected, string.Join(',', Read(key is null ? null : Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value), null).PostIds));

    [Fact]
    public void Bytes_that_are_no_text_name_no_post()
    {
        byte[] broken = [.. """{"id":"a"""u8, 0xC3, 0x28, .. "\"}"u8];

        Assert.Empty(Read([0xFF, 0x00], broken, null).PostIds);
        Assert.Empty(Read("a\0b"u8.ToArray(), null, null).PostIds);
        Assert.Empty(Read(Encoding.UTF8.GetBytes(new string('k', 65)), null, null).PostIds);
    }

    [Fact]
    public void Records_of_different_content_have_different_prints()
    {
        long[] prints =
        [
            Read(null, null, null).RecordPrint, Read([], null, null).RecordPrint, Read("a"u8.ToArray(), "b"u8.ToArray(), null).RecordPrint,
            Read("ab"u8.ToArray(), [], null).RecordPrint, Read([], "ab"u8.ToArray(), null).RecordPrint,
        ];

        Assert.Distinct(prints);
        Assert.Equal(prints[2], Read("a"u8.ToArray(), "b"u8.ToArray(), Ours()).RecordPrint);
    }

    private static byte[]? Value(string encoding, string? value) => value is null
        ? null
        : encoding == "base64" ? Convert.FromBase64String(value) : Encoding.UTF8.GetBytes(value);

    private static Headers Ours()
    {
        var headers = new Headers();
        Add(headers, "traceparent", "00-1");
        Add(headers, DeadLetterHeaders.ErrorClass, "range");
        Add(headers, DeadLetterHeaders.ErrorMessage, "score is 1.5 – no");
        Add(headers, DeadLetterHeaders.SourceTopic, "reddit.posts.refresh");
        Add(headers, DeadLetterHeaders.SourcePartition, "2");
        Add(headers, DeadLetterHeaders.SourceOffset, "4711");
        Add(headers, DeadLetterHeaders.FailedAt, "2026-11-23T09:59:58.1230000+00:00");
        Add(headers, DeadLetterHeaders.Attempt, "3");
        return headers;
    }

    private static void Add(Headers headers, string key, string? value)
    {
        if (value is not null)
            headers.Add(key, Encoding.UTF8.GetBytes(value));
    }

    private static DeadLetter Read(byte[]? key, byte[]? value, Headers? headers) => DeadLetterReader.Read(new()
    {
        TopicPartitionOffset = new(KafkaTopics.DeadLetter, 0, 7),
        Message = new() { Key = key!, Value = value!, Headers = headers, Timestamp = new(Written) },
    });
}
