using SignalFlow.Contracts;
using SignalFlow.Processing.Decoding;
using SignalFlow.Processing.Keywords;
using SignalFlow.Processing.Sentiment;
using SignalFlow.Processing.Trending;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Processing.Batches;

/// <summary>What a batch's observations of one post amount to: its new state, its text features, its trend. Pure.</summary>
internal sealed class PostAnalysis(VaderAnalyzer vader, SeedTrending trending)
{
    /// <param name="observations">At least one, all of the same post, in the order of arrival.</param>
    /// <param name="known">What is stored before them; null when the post is new.</param>
    public PostUpdate Update(ReadOnlySpan<DecodedObservation> observations, KnownPost? known)
    {
        DecodedObservation? newest = null;
        Purge? purge = null;
        var state = known?.State;
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

    private PostUpdate Analysed(PostObservation newest, PostState state, KnownPost? known)
    {
        // A text is analysed once; every refresh brings it again.
        var title = KnownText.Print(newest.Title);
        var stored = known?.Text is { } same && same.Title == title ? same : null;
        var text = stored ?? new(title, Features(newest));
        var (score, isTrending) = trending.Rate(state.ScoreVelocity, text.Features.SentimentScore, state.Last.Comments);
        return new()
        {
            Newest = newest,
            State = state,
            IsObserved = true,
            Text = text,
            TrendingScore = score,
            IsTrending = isTrending,
            Change = state == known?.State && stored is not null ? null : new()
            {
                Newest = newest,
                State = state,
                TrendingScore = score,
                IsTrending = isTrending,
                Nlp = stored is null ? text.Features : null,
            },
        };
    }

    private NlpFeatures Features(PostObservation post)
    {
        var sentiment = vader.Score(post.Title);
        return new(sentiment.Compound, sentiment.Label, KeywordExtractor.Extract(post.Title, post.Selftext));
    }

    /// <summary>Of a post that nobody has observed, only the earliest news of its end is known.</summary>
    private static PostState Heard(PostState? state, Purge purge, Sample hearsay) => state switch
    {
        null => PostState.Unobserved(purge.At, hearsay.Score, hearsay.Comments),
        { IsObserved: false } heard => heard with { FirstSeen = Math.Min(heard.FirstSeen, purge.At) },
        { } observed => observed,
    };
}
