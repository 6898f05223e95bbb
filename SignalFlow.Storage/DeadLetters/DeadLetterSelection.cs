using Npgsql;
using NpgsqlTypes;

namespace SignalFlow.Storage.DeadLetters;

/// <summary>Which letters are meant. What is null lets everything through.</summary>
public sealed record DeadLetterSelection
{
    public long[]? Ids { get; init; }
    public string[]? States { get; init; }
    public string[]? Classes { get; init; }
    public string[]? Topics { get; init; }
    public string? PostId { get; init; }

    /// <summary>Failed then or later.</summary>
    public DateTime? From { get; init; }

    /// <summary>Failed earlier.</summary>
    public DateTime? To { get; init; }

    /// <summary>Of the letters with greater numbers than this; a walk goes on from here.</summary>
    public long After { get; init; }

    /// <summary>Of the letters up to this number; what fails later is not part of a walk.</summary>
    public long Until { get; init; } = long.MaxValue;

    /// <summary>Its parameters are $1 to $9; conditions of one's own begin with $10.</summary>
    internal const string Condition = """
        id > $1 AND id <= $2 AND ($3::bigint[] IS NULL OR id = ANY ($3)) AND ($4::text[] IS NULL OR state = ANY ($4))
        AND ($5::text[] IS NULL OR error_class = ANY ($5)) AND ($6::text[] IS NULL OR source_topic = ANY ($6))
        AND ($7::text IS NULL OR post_ids @> ARRAY[$7]) AND ($8::timestamptz IS NULL OR failed_at >= $8) AND ($9::timestamptz IS NULL OR failed_at < $9)
        """;

    internal void AddTo(NpgsqlParameterCollection parameters)
    {
        parameters.Add(new NpgsqlParameter<long> { TypedValue = After });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = Until });
        Add(Ids, NpgsqlDbType.Array | NpgsqlDbType.Bigint);
        Add(States, NpgsqlDbType.Array | NpgsqlDbType.Text);
        Add(Classes, NpgsqlDbType.Array | NpgsqlDbType.Text);
        Add(Topics, NpgsqlDbType.Array | NpgsqlDbType.Text);
        Add(PostId, NpgsqlDbType.Text);
        Add(From, NpgsqlDbType.TimestampTz);
        Add(To, NpgsqlDbType.TimestampTz);

        void Add(object? value, NpgsqlDbType type) => parameters.Add(new() { Value = value ?? DBNull.Value, NpgsqlDbType = type });
    }
}
