namespace SignalFlow.RedditSimulator.World;

/// <summary>How votes and comments of a synthetic post come in: a pure function of its key and its age.</summary>
internal readonly struct Growth
{
    private const double TakesOffShare = 0.012;
    private const double FuzzShare = 0.45;
    private readonly ulong _key;
    private readonly double _score;
    private readonly double _hours;
    private readonly double _takeOffScore;
    private readonly double _takeOffAt;
    private readonly double _takeOffHours;
    private readonly double _commentsPerPoint;
    private readonly double _ratio;

    /// <param name="key">The post's key.</param>
    /// <param name="audience">Factor of the subreddit: how many votes its posts get.</param>
    public Growth(ulong key, double audience)
    {
        var random = new SplitMix64(key);
        _key = key;
        // Log-normal: half of all posts end below a handful of points, one in a thousand above a thousand.
        _score = 4 * audience * Math.Exp(1.7 * random.NextNormal()) - 1.2;
        _hours = random.NextBetween(0.7, 5);
        _commentsPerPoint = 0.25 * Math.Exp(0.8 * random.NextNormal());
        _ratio = random.NextFraction() < 0.08 ? random.NextBetween(0.2, 0.55) : 1 - 0.35 * Math.Pow(random.NextFraction(), 2);
        if (random.NextFraction() < TakesOffShare)
        {
            _takeOffScore = Math.Min(60_000, 1_500 * audience * Math.Exp(0.9 * random.NextNormal()));
            _takeOffAt = random.NextBetween(0.2, 2.5);
            _takeOffHours = random.NextBetween(0.4, 2);
        }
    }

    /// <summary>Sooner or later it gets far more votes than others.</summary>
    public bool TakesOff => _takeOffScore > 0;

    public (int Score, int Comments, double Ratio) At(TimeSpan age)
    {
        var hours = Math.Max(0, age.TotalHours);
        var trend = 1 + _score * (1 - Math.Exp(-hours / _hours));
        if (hours > _takeOffAt && _takeOffScore > 0)
            trend += _takeOffScore * (1 - Math.Exp(-Math.Pow((hours - _takeOffAt) / _takeOffHours, 2)));

        var votes = Math.Max(0, trend - 1);
        // Comments follow the votes at a distance and less than proportionally; they are not fuzzed.
        var comments = (int)(_commentsPerPoint * Math.Pow(votes, 0.88) * (hours / (hours + 0.15)) + votes / (votes + 3));
        var ratio = 1 - (1 - _ratio) * votes / (votes + 4);
        var score = Math.Max(0, (int)Math.Round(trend) + Fuzz(trend, age));
        return (score, comments, score == 0 ? Math.Min(Math.Round(ratio, 2), 0.5) : Math.Round(ratio, 2));
    }

    /// <summary>Reddit shows a slightly wrong score now and then, so that 10 to 15 % of all steps between samples go down.</summary>
    private int Fuzz(double trend, TimeSpan age)
    {
        var random = new SplitMix64(SplitMix64.Mix(_key, (ulong)(age.Ticks / TimeSpan.TicksPerMinute)));
        if (trend < 2 || random.NextFraction() >= FuzzShare)
            return 0;

        var size = 1 + (int)(0.03 * trend * random.NextFraction());
        return random.NextFraction() < 0.5 ? -size : size;
    }
}
