using Npgsql;

namespace SignalFlow.Storage.DeadLetters;

/// <summary>
/// What a purge does to dead letters of its posts: it empties them. A lock stands between purges and the storing of letters, because
/// neither sees what the other has not committed; purges do not wait for each other.
/// </summary>
internal static class DeadLetterPurge
{
    // Any constant serves, as long as nothing else in the database uses it. This one spells "sfdlq".
    private const long LockKey = 0x73_66_64_6C_71;

    public static readonly string KeepPurgesAway = $"SELECT FROM pg_advisory_xact_lock({LockKey}) AS taken WHERE taken IS NULL";

    // Without a row: the reader of a batch takes every row for a post's.
    private static readonly string KeepLettersAway = $"SELECT FROM pg_advisory_xact_lock_shared({LockKey}) AS taken WHERE taken IS NULL";

    /// <summary>Before anything else that the purging transaction locks.</summary>
    public static NpgsqlBatchCommand Lock() => new(KeepLettersAway);

    public static NpgsqlBatchCommand Empty(string[] postIds) => new("""
        UPDATE dlq_events SET payload = NULL, headers = '[]', error_message = '', purged_at = now(), updated_at = now()
        WHERE post_ids && $1 AND purged_at IS NULL
        """)
    {
        Parameters = { new NpgsqlParameter<string[]> { TypedValue = postIds } },
    };
}
