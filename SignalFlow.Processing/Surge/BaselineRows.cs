namespace SignalFlow.Processing.Surge;

/// <summary>Median and median absolute deviation of a sample; robust to the one post in a thousand that takes off.</summary>
/// <param name="Count">Posts it is of.</param>
/// <param name="Median">As PostgreSQL's <c>percentile_cont(0.5)</c>.</param>
/// <param name="Mad">Median of the distances from the median; a normal sample's deviation is 1.4826 of it.</param>
internal readonly record struct Spread(int Count, double Median, double Mad);

/// <summary>How the posts of a community stand at one age. Each post counts once: the observation nearest to the named age.</summary>
/// <param name="Subreddit">Null: the posts of all communities.</param>
/// <param name="Bin">See <see cref="AgeBins"/>.</param>
/// <param name="Age">Median of the observations' ages, minutes: a source that is sampled hourly is seldom seen at the named age.</param>
/// <param name="Score">Of ln(1 + score).</param>
/// <param name="Comments">Of ln(1 + comments).</param>
/// <param name="Gain">Of the points per minute since the newest observation at least <see cref="SurgeWindow.Least"/> earlier.</param>
internal readonly record struct BaselineRow(string? Subreddit, int Bin, double Age, Spread Score, Spread Comments, Spread Gain);

/// <summary>
/// How posts of one age and level grow until they are a day old: quantiles of ln(1 + final) - ln(1 + score). Leading posts grow by far more
/// than others (in r/memes at 30 minutes by e^1.3 against e^0.4), so each level has its own.
/// </summary>
/// <param name="Subreddit">Null: the posts of all communities.</param>
/// <param name="Bin">See <see cref="AgeBins"/>.</param>
/// <param name="Class">Level class, see <see cref="LevelClass"/>.</param>
/// <param name="Count">Posts it is of; only those whose final score is known.</param>
/// <param name="Low">10 % quantile.</param>
/// <param name="Median">50 % quantile.</param>
/// <param name="High">90 % quantile.</param>
internal readonly record struct GrowthRow(string? Subreddit, int Bin, int Class, int Count, double Low, double Median, double High);

/// <summary>What becomes of a community's posts: quantiles of the final score in points, of the posts whose final score is known.</summary>
/// <param name="Subreddit">Null: the posts of all communities.</param>
/// <param name="Count">Posts it is of.</param>
/// <param name="P50">50 % quantile, points.</param>
/// <param name="P90">90 % quantile, points.</param>
/// <param name="P95">95 % quantile, points.</param>
/// <param name="Mad">Median absolute deviation of ln(1 + final); of all communities: within them, not between them.</param>
internal readonly record struct CommunityRow(string? Subreddit, int Count, double P50, double P90, double P95, double Mad);

/// <summary>All rows of one cut: what the table of baselines is made of, computed by <see cref="BaselineBuilder"/>.</summary>
internal sealed record BaselineRows(List<BaselineRow> Bins, List<GrowthRow> Growth, List<CommunityRow> Communities);
