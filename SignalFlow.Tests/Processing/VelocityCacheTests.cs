using CsCheck;
using SignalFlow.Processing.Sentiment;
using SignalFlow.Processing.Velocity;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Tests.Processing;

public sealed class VelocityCacheTests
{
    private static readonly Gen<Sample> GenSample = Gen.Select(Gen.Long, Gen.Int, Gen.Int, (at, score, comments) => new Sample(at, score, comments));

    private static readonly Gen<string[]> GenKeywords = Gen.String[Gen.Char['a', 'ÿ'], 1, 60].Array[0, 8];

    [Fact]
    public void What_is_encoded_decodes_to_the_same_state() =>
        Gen.Select(GenSample, GenSample, Gen.Bool, Gen.Long).Sample((last, previous, hasPrevious, firstSeen) =>
        {
            var state = new PostState(last, hasPrevious && previous.At != last.At ? previous : null, firstSeen);
            return VelocityCache.Decode(VelocityCache.Encode(new(state, null))) == new KnownPost(state, null);
        });

    [Fact]
    public void A_signal_survives_with_and_without_features() =>
        Gen.Select(GenSample, Gen.Int, Gen.Byte.Array[1, 145], Gen.Bool).Sample((last, folded, surge, hasFeatures) =>
        {
            var nlp = hasFeatures ? new NlpFeatures(0.5, SentimentLabel.Of(0.5), ["fox"]) { TextPrint = 7 } : null;
            var decoded = VelocityCache.Decode(VelocityCache.Encode(new(PostState.First(last), nlp, new(folded, surge))));
            return decoded.Surge!.Folded == folded && decoded.Surge.State.SequenceEqual(surge) && decoded.Nlp?.TextPrint == nlp?.TextPrint;
        });

    [Fact]
    public void Features_survive_with_the_print_of_their_text() =>
        Gen.Select(GenSample, Gen.Long, Gen.Double[-1, 1], Gen.Int.Nullable(), GenKeywords).Sample((last, print, compound, topic, keywords) =>
        {
            var nlp = new NlpFeatures(compound, SentimentLabel.Of(compound), keywords)
            {
                Negative = 0.1,
                Neutral = 0.3,
                Positive = 0.6,
                TopicCluster = topic,
                TextPrint = print,
            };
            var decoded = VelocityCache.Decode(VelocityCache.Encode(new(PostState.First(last), nlp)));
            return decoded.State == PostState.First(last)
                && decoded.Nlp! with { Keywords = nlp.Keywords } == nlp
                && decoded.Nlp.Keywords.SequenceEqual(keywords);
        });
}
