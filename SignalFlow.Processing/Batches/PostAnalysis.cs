using Microsoft.Extensions.Options;
using SignalFlow.Contracts;
using SignalFlow.Processing.Decoding;
using SignalFlow.Processing.Keywords;
using SignalFlow.Processing.Sentiment;
using SignalFlow.Processing.Topics;
using SignalFlow.Processing.Trending;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Processing.Batches;

/// <summary>What a batch's observations of one post amount to: its new state, its text features, its trend. Pure.</summary>
internal sealed class PostAnalysis(VaderAnalyzer vader, SeedTrending trending, IOptions<ProcessingOptions> options)
{
    private readonly bool _scoresBody = options.Value.SentimentText == ProcessingOptions.TitleAndBody;

    /// <param name="observations">At least one, all of the same post, in the order of arrival.</param>
    /// <param name="known">The state before them; null when the post is new.</param>
    public PostUpdate Update(ReadOnlySpan<DecodedObservation> observations, PostState? known)
    {
        DecodedObservation? newest = null;
        Purge? purge = null;
        var state = known;
        foreach (var observation in observations)
        {
            if (observation.Purge is { } removal)
                purge = Purge.Earliest(purge, removal);
            if (!observation.IsObserved)
                continue;
            state = state?.Add(observation.Sample) ?? PostState.First(observation.Sample);
            if (newest is null || observation.Sample.At > newest.Value.Sample.At)
                newest = observation;
        }

        var post = (newest ?? observations[0]).Post;
        return purge is { } final
            ? Purged(post, Heard(state, final, observations[0].Sample), final, observed: newest is not null)
            : Analysed(post, state!.Value, known);
    }

    /// <summary>Nothing is made of the placeholder that stands where the title was.</summary>
    private static PostUpdate Purged(PostObservation newest, PostState state, Purge purge, bool observed) => new()
    {
        Newest = newest,
        State = state,
        IsObserved = observed,
        // Always written: whether the stored row is purged already is not in its state.
        Change = new() { Newest = newest, State = state, TrendingScore = 0, IsTrending = false, Nlp = null, Purge = purge },
    };

    private PostUpdate Analysed(PostObservation newest, PostState state, PostState? known)
    {
        var text = _scoresBody && newest.Selftext is { Length: > 0 } body ? $"{newest.Title}\n{body}" : newest.Title;
        var sentiment = vader.Score(text);
        var nlp = new NlpFeatures(sentiment.Compound, sentiment.Label, KeywordExtractor.Extract(newest.Title, newest.Selftext))
        {
            Negative = sentiment.Negative,
            Neutral = sentiment.Neutral,
            Positive = sentiment.Positive,
            TopicCluster = TopicCluster.Of(newest.Title, newest.Url),
        };
        var (score, isTrending) = trending.Rate(state.ScoreVelocity, sentiment.Compound, state.Last.Comments);
        return new()
        {
            Newest = newest,
            State = state,
            IsObserved = true,
            Nlp = nlp,
            TrendingScore = score,
            IsTrending = isTrending,
            Change = state == known ? null : new()
            {
                Newest = newest,
                State = state,
                TrendingScore = score,
                IsTrending = isTrending,
                Nlp = nlp,
            },
        };
    }

    /// <summary>Of a post that nobody has observed, only the earliest news of its end is known.</summary>
    private static PostState Heard(PostState? state, Purge purge, Sample hearsay) => state switch
    {
        null => PostState.Unobserved(purge.At, hearsay.Score, hearsay.Comments),
        { IsObserved: false } heard => heard with { FirstSeen = Math.Min(heard.FirstSeen, purge.At) },
        { } observed => observed,
    };
}
