namespace SignalFlow.AppHost;

/// <summary>
/// Users of the application's own database: each service connects as one who may do what it is for and no more. The job that migrates makes them. A
/// database that exists already has its own, which its connection strings name.
/// </summary>
internal sealed class DatabaseUsers
{
    private static readonly string[] Names = ["ingestion", "processing", "api"];

    private readonly Dictionary<string, IResourceBuilder<ParameterResource>> _passwords;
    private readonly PostgresDatabaseResource _database;

    public DatabaseUsers(IResourceBuilder<PostgresDatabaseResource> database)
    {
        _database = database.Resource;
        _passwords = Names.ToDictionary(user => user, user => database.ApplicationBuilder.AddParameter(
            $"{user}-db-password", new GenerateParameterDefault { MinLength = 22, Special = false }, secret: true, persist: true));
    }

    /// <summary>A connection string of a user.</summary>
    /// <param name="user"><c>ingestion</c>, <c>processing</c> or <c>api</c>.</param>
    /// <param name="server">The database's own, or a standby of it.</param>
    public ReferenceExpression ConnectionString(string user, EndpointReference server) => ReferenceExpression.Create(
        $"Host={server.Property(EndpointProperty.Host)};Port={server.Property(EndpointProperty.Port)};Username={user};Password={_passwords[user]};Database={_database.DatabaseName}");

    public ReferenceExpression ConnectionString(string user) => ConnectionString(user, _database.Parent.PrimaryEndpoint);

    /// <summary>Has the job that migrates make them.</summary>
    public void MakeBy(IResourceBuilder<ProjectResource> migrations)
    {
        foreach (var (user, password) in _passwords)
            migrations.WithEnvironment($"Storage__Passwords__{char.ToUpperInvariant(user[0])}{user[1..]}", password);
    }
}

internal static class DatabaseUserExtensions
{
    /// <summary>Gives a service the connection string <c>signalflow</c>.</summary>
    /// <param name="service">Which.</param>
    /// <param name="infrastructure">Where the database comes from.</param>
    /// <param name="user">As whom the service connects where the database is this application's.</param>
    public static IResourceBuilder<ProjectResource> WithDatabase(
        this IResourceBuilder<ProjectResource> service, Infrastructure infrastructure, string user) =>
        (infrastructure.Users is { } users
            ? service.WithEnvironment("ConnectionStrings__signalflow", users.ConnectionString(user))
            : service.WithReference(infrastructure.Database))
        .WaitFor(infrastructure.Database);
}
