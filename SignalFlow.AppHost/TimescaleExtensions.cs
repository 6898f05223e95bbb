namespace SignalFlow.AppHost;

/// <summary>TimescaleDB, for its hypertables and continuous aggregates.</summary>
internal static class TimescaleExtensions
{
    private const string Image = "timescale/timescaledb";

    // Pinned, because a volume that a newer extension has upgraded cannot be opened by an older one.
    private const string Tag = "2.23.1-pg17";

    private const string Data = "/var/lib/postgresql/data";

    // Of the primary, where there is a standby: the image's own file lets nobody replicate from another machine.
    private const string AccessRules = "/etc/signalflow/pg_hba.conf";

    // The image's entry point goes on with a folder that has a cluster, and leaves root behind.
    private const string StandbyScript = """
        if [ ! -s "$PGDATA/PG_VERSION" ]; then
          until pg_basebackup --host=postgres --username=postgres --pgdata="$PGDATA" --write-recovery-conf --checkpoint=fast; do
            rm -rf "$PGDATA"/*
            sleep 2
          done
          chown -R postgres "$PGDATA"
          chmod 700 "$PGDATA"
        fi
        exec docker-entrypoint.sh postgres -c hot_standby_feedback=on
        """;

    public static IResourceBuilder<PostgresServerResource> AddTimescale(this IDistributedApplicationBuilder builder) => builder.AddPostgres("postgres")
        .WithImage(Image, Tag)
        .WithDataVolume("signalflow-postgres")
        .WithComposeHealthCheck("CMD-SHELL", "pg_isready --username=postgres");

    /// <summary>
    /// A standby that follows the primary by streaming replication, to read from (<c>--Postgres:Replica=true</c>). It copies the primary at its first start and
    /// catches up from the last gigabyte of its log after a pause; after a longer one its volume has to be deleted.
    /// </summary>
    public static IResourceBuilder<ConnectionStringResource> AddStandby(this IResourceBuilder<PostgresServerResource> primary, DatabaseUsers? users)
    {
        var builder = primary.ApplicationBuilder;
        var password = primary.Resource.PasswordParameter;
        primary
            .WithContainerFiles("/etc/signalflow", [new ContainerFile
            {
                Name = Path.GetFileName(AccessRules),
                Contents = """
                    local all all trust
                    host all all all scram-sha-256
                    host replication all all scram-sha-256

                    """,
            }])
            .WithArgs("-c", $"hba_file={AccessRules}", "-c", "wal_level=replica", "-c", "wal_keep_size=1GB");

        var standby = builder.AddContainer("postgres-replica", Image, Tag)
            .WithEndpoint(targetPort: 5432, scheme: "tcp", name: "tcp")
            .WithVolume("signalflow-postgres-replica", Data)
            .WithEnvironment("PGDATA", Data)
            .WithEnvironment("PGPASSWORD", password)
            .WithEntrypoint("bash")
            .WithArgs("-c", StandbyScript)
            .WithIconName("DatabaseArrowRight")
            .WithComposeHealthCheck("CMD-SHELL", "pg_isready --username=postgres")
            .WaitFor(primary);
        var endpoint = standby.GetEndpoint("tcp");
        // Users come over with everything else.
        return builder.AddConnectionString("signalflow-replica", users?.ConnectionString("api", endpoint) ?? ReferenceExpression.Create(
            $"Host={endpoint.Property(EndpointProperty.Host)};Port={endpoint.Property(EndpointProperty.Port)};Username=postgres;Password={password};Database=signalflow"));
    }
}
