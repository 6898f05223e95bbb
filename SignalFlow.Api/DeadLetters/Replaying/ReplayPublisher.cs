using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using SignalFlow.Contracts;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage.DeadLetters;

namespace SignalFlow.Api.DeadLetters.Replaying;

/// <summary>Sends the records of dead letters to their topics again, as they were, with the number of the letter.</summary>
internal sealed partial class ReplayPublisher(
    [FromKeyedServices(ReplayPublisher.ProducerKey)] LastingProducer<byte[], byte[]> producer, ILogger<ReplayPublisher> logger)
{
    public const string ProducerKey = "dead-letter-replay";

    /// <summary>Returns when Kafka has confirmed or refused every one.</summary>
    public Task<PublishedLetters> SendAsync(IReadOnlyList<ClaimedLetter> letters) => producer.UseAsync(kafka => SendAsync(kafka, letters));

    private async Task<PublishedLetters> SendAsync(IProducer<byte[], byte[]> kafka, IReadOnlyList<ClaimedLetter> letters)
    {
        using var activity = StartActivity(letters);
        // Produced together and awaited together.
        var deliveries = letters.Select(letter => (Letter: letter, Error: SendAsync(kafka, letter))).ToList();
        var unsent = new List<ClaimedLetter>();
        var refused = new List<ClaimedLetter>();
        Error? failure = null;
        foreach (var (letter, delivery) in deliveries)
        {
            switch (await delivery)
            {
                case null:
                    break;
                // Not Kafka's fault but this record's: the letter's number was too much for its topic.
                case { Code: ErrorCode.MsgSizeTooLarge or ErrorCode.InvalidRecord } error:
                    LogRefused(letter.Id, error.Code);
                    refused.Add(letter);
                    break;
                case var error:
                    failure = error;
                    unsent.Add(letter);
                    break;
            }
        }

        if (failure is not null)
        {
            activity?.SetStatus(ActivityStatusCode.Error, failure.Reason);
            LogUnsent(unsent.Count, letters.Count, failure.Code, failure.Reason);
        }

        return new(unsent, refused, failure);
    }

    /// <summary>It is part of a request, and linked to what sent the records the first time.</summary>
    private static Activity? StartActivity(IReadOnlyList<ClaimedLetter> letters)
    {
        var topics = letters.Select(letter => letter.SourceTopic).Distinct().Take(2).ToList();
        var activity = KafkaActivity.Send(topics is [var topic] ? topic : null, letters.Count);
        if (activity is not { IsAllDataRequested: true })
            return activity;
        foreach (var letter in letters.Take(KafkaActivity.MostLinks))
        {
            var first = Headers(letter).LastOrDefault(header => header is { Key: KafkaActivity.TraceParent, Encoding: not "base64" });
            if (ActivityContext.TryParse(first?.Value, null, isRemote: true, out var context))
                activity.AddLink(new(context));
        }

        return activity;
    }

    private static IReadOnlyList<DeadLetterHeader> Headers(ClaimedLetter letter) =>
        JsonSerializer.Deserialize(letter.Headers, ContractsJsonContext.Default.IReadOnlyListDeadLetterHeader) ?? [];

    private static async Task<Error?> SendAsync(IProducer<byte[], byte[]> kafka, ClaimedLetter letter)
    {
        try
        {
            await kafka.ProduceAsync(letter.SourceTopic, Message(letter));
            return null;
        }
        catch (KafkaException exception)
        {
            return exception.Error;
        }
    }

    private static Message<byte[], byte[]> Message(ClaimedLetter letter)
    {
        var headers = new Headers();
        foreach (var header in Headers(letter))
        {
            headers.Add(header.Key, header switch
            {
                { Value: null } => null,
                { Encoding: "base64", Value: { } value } => Convert.FromBase64String(value),
                { Value: { } value } => Encoding.UTF8.GetBytes(value),
            });
        }

        Add(DeadLetterHeaders.Attempt, letter.Attempt);
        Add(DeadLetterHeaders.ReplayOf, letter.Id);
        Add(DeadLetterHeaders.Replay, letter.Replay);
        if (Activity.Current is { Source.Name: KafkaActivity.SourceName, Id: { } trace })
            headers.Add(DeadLetterHeaders.ReplayTraceParent, Encoding.ASCII.GetBytes(trace));
        return new() { Key = letter.Key!, Value = letter.Payload!, Headers = headers };

        void Add(string key, long number) => headers.Add(key, Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
    }

    [LoggerMessage(LogLevel.Warning, "The topic does not take the record of dead letter {Letter} again: {Code}")]
    private partial void LogRefused(long letter, ErrorCode code);

    [LoggerMessage(LogLevel.Error, "{Unsent} of {Letters} dead letters could not be sent again: {Code} {Reason}")]
    private partial void LogUnsent(int unsent, int letters, ErrorCode code, string reason);
}

/// <param name="Unsent">Kafka has not confirmed them; they may have been stored all the same, which harms nobody.</param>
/// <param name="Refused">Kafka would never take them.</param>
/// <param name="Failure">Of an unsent one.</param>
internal sealed record PublishedLetters(IReadOnlyList<ClaimedLetter> Unsent, IReadOnlyList<ClaimedLetter> Refused, Error? Failure);
