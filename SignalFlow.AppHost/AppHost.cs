using SignalFlow.AppHost;

var builder = DistributedApplication.CreateBuilder(args);

var infrastructure = builder.AddInfrastructure();
var (_, kafka, _, replica, redis, _) = infrastructure;

// Made at random where nobody sets them, and kept: the first administrator's password, and the key that the UI reads the API with.
var adminPassword = builder.AddParameter("admin-password", new GenerateParameterDefault { MinLength = 20, Special = false }, secret: true, persist: true);
var serviceKey = builder.AddParameter("service-key", new GenerateParameterDefault { MinLength = 40, Special = false }, secret: true, persist: true);

// The schema is brought up to date once, before anything reads or writes it.
var migrations = builder.AddMigrations(infrastructure);

// Exactly one process per shard: a second one would only stand by.
var ingestion = builder.AddIngestion(infrastructure, migrations);

// As many as the topics have partitions; a fourth would be idle.
var processing = builder.AddService<Projects.SignalFlow_Processing>("processing")
    .WithReplicas(3)
    .WithReference(kafka).WaitFor(kafka)
    .WithDatabase(infrastructure, "processing")
    .WithReference(redis).WaitFor(redis)
    .WithMigrations(migrations);

// Reddit itself where its credentials are configured, else the simulator.
builder.AddRedditSource(ingestion, processing);

// The only way in for other programs; its port is the one the original system has.
var api = builder.AddService<Projects.SignalFlow_Api>("api", port: 8080)
    .WithExternalHttpEndpoints()
    .WithDatabase(infrastructure, "api")
    .WithReference(redis).WaitFor(redis)
    // Only replays of dead letters need it.
    .WithReference(kafka)
    .WaitForMigrations(migrations)
    .WithEnvironment("SIGNALFLOW_ADMIN_PASSWORD", adminPassword)
    .WithEnvironment("Api__ServiceKey", serviceKey)
    .WithSigningKey()
    .WithDashboardCommands(adminPassword)
    .WithUrlForEndpoint("http", url => { url.DisplayText = "Posts (JSON)"; url.Url = "/api/posts/"; })
    .WithUrlForEndpoint("http", _ => new() { DisplayText = "Statistics (JSON)", Url = "/api/stats/" });

if (replica is not null)
    api.WithReference(replica);

// The user interface; it knows the API, and keeps sign-ins in Redis.
var web = builder.AddService<Projects.SignalFlow_Web>("web", port: 8081)
    .WithExternalHttpEndpoints()
    .WithReference(api).WaitFor(api)
    .WithReference(redis)
    .WithEnvironment("Web__ApiKey", serviceKey)
    .WithUrlForEndpoint("http", url => url.DisplayText = "SignalFlow");

infrastructure.AddKafkaAccess([.. ingestion, processing, api]);
infrastructure.AddMonitoring([.. ingestion, processing, api, web]);
builder.AddComposeTarget();

builder.Build().Run();
