using Npgsql;
using StackExchange.Redis;

namespace SignalFlow.Benchmarks.Chaos;

/// <summary>PostgreSQL and Redis: away, killed, full, slow, silent, forgetful.</summary>
internal sealed class StoreFaults(ChaosServers servers)
{
    public Fault PostgresRestarted(Random random)
    {
        var time = Fault.Seconds(random, 0, 4);
        return new("PostgreSQL restarted", $"away for {Fault.Text(time)}", async cancellationToken =>
        {
            await servers.Postgres.StopServerAsync();
            await Task.Delay(time, cancellationToken);
            await servers.Postgres.StartServerAsync(cancellationToken);
        });
    }

    public Fault PostgresKilled(Random random)
    {
        var time = Fault.Seconds(random, 0, 3);
        return new("PostgreSQL killed", $"away for {Fault.Text(time)}", async cancellationToken =>
        {
            servers.Postgres.KillServer();
            await Task.Delay(time, cancellationToken);
            await servers.RestorePostgresAsync(cancellationToken);
        });
    }

    public Fault SessionsEnded() => new("PostgreSQL ends sessions", "all", _ => ExecuteAsync(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"));

    public Fault SlotsUsedUp(Random random)
    {
        var time = Fault.Seconds(random, 1, 5);
        return new("PostgreSQL's slots used up", $"for {Fault.Text(time)}", async cancellationToken =>
        {
            var builder = new NpgsqlConnectionStringBuilder(servers.Direct) { Pooling = false };
            var taken = new List<NpgsqlConnection>();
            try
            {
                // Sessions that are there keep their slots; none is left for another one, not even for those of a superuser.
                while (true)
                {
                    var connection = new NpgsqlConnection(builder.ConnectionString);
                    taken.Add(connection);
                    await connection.OpenAsync(cancellationToken);
                }
            }
            catch (NpgsqlException)
            {
                await Task.Delay(time, cancellationToken);
            }
            finally
            {
                foreach (var connection in taken)
                    await connection.DisposeAsync();
            }
        });
    }

    /// <returns>Null: the database's disk is that of everybody.</returns>
    public Fault? DiskFull(Random random)
    {
        if (!servers.IsSmallDisk)
            return null;
        var time = Fault.Seconds(random, 1, 4);
        return new("disk full", $"for {Fault.Text(time)}", async cancellationToken =>
        {
            Fill(servers.BallastFile);
            try
            {
                await Task.Delay(time, cancellationToken);
            }
            finally
            {
                File.Delete(servers.BallastFile);
            }

            await servers.RestorePostgresAsync(cancellationToken);
        });
    }

    public Fault TableLocked(Random random)
    {
        var time = Fault.Seconds(random, 1, 5);
        var table = random.Next(2) == 0 ? "posts" : "dlq_events";
        return new("table locked", $"{table} for {Fault.Text(time)}", async cancellationToken =>
        {
            await using var connection = await servers.DataSource.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var command = new NpgsqlCommand($"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE", connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
            await Task.Delay(time, cancellationToken);
        });
    }

    public Fault PostgresDisturbed(Random random) => Disturbed("PostgreSQL", servers.PostgresProxy, random);

    public Fault RedisDisturbed(Random random) => Disturbed("Redis", servers.RedisProxy, random);

    public Fault RedisFlushed() => new("Redis flushed", "", async _ =>
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync($"{servers.Redis.ConnectionString},allowAdmin=true");
        foreach (var server in redis.GetServers())
            await server.FlushAllDatabasesAsync();
    });

    private static Fault Disturbed(string name, DisturbedProxy proxy, Random random)
    {
        var time = Fault.Seconds(random, 0.5, 6);
        var delay = TimeSpan.FromMilliseconds(20 + random.Next(300));
        return random.Next(4) switch
        {
            0 => new($"{name} away", $"for {Fault.Text(time)}", Fault.For(time, proxy.TakeDown, proxy.BringUp)),
            1 => new($"{name} silent", $"for {Fault.Text(time)}", Fault.For(time, proxy.Freeze, proxy.Thaw)),
            2 => new(
                $"{name} slow", $"{delay.TotalMilliseconds:F0} ms an answer, for {Fault.Text(time)}",
                Fault.For(time, () => proxy.Delay = delay, () => proxy.Delay = TimeSpan.Zero)),
            _ => new($"{name} cuts connections", "all at once", Fault.For(TimeSpan.Zero, proxy.CutAll, () => { })),
        };
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = servers.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static void Fill(string file)
    {
        using var ballast = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            var block = new byte[1 << 20];
            while (true)
                ballast.Write(block);
        }
        catch (IOException)
        {
            // No room is left, which is the purpose.
        }
    }
}
