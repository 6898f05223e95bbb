using SignalFlow.AppHost;

var builder = DistributedApplication.CreateBuilder(args);

// Between ingestion and processing, so that either may stop, fall behind or be scaled alone. One broker is enough to
// develop against; the services create their topics with the replication the cluster allows.
var kafka = builder.AddKafka("kafka")
    .WithDataVolume("signalflow-kafka")
    .WithKafkaUI(ui => ui.WithUrlForEndpoint("http", url => url.DisplayText = "Kafka UI"));

// TimescaleDB for its hypertables and continuous aggregates. Pinned, because a volume that a newer extension has
// upgraded cannot be opened by an older one.
var postgres = builder.AddPostgres("postgres")
    .WithImage("timescale/timescaledb", "2.23.1-pg17")
    .WithDataVolume("signalflow-postgres");

var database = postgres.AddDatabase("signalflow");

// Velocity state and the live channel between processing and the API; nothing in it outlives a restart for long, so no volume.
var redis = builder.AddRedis("redis");

// Made at random where nobody sets them, and kept: the first administrator's password, and the key that the UI reads the API with.
var adminPassword = builder.AddParameter("admin-password", new GenerateParameterDefault { MinLength = 20, Special = false }, secret: true, persist: true);
var serviceKey = builder.AddParameter("service-key", new GenerateParameterDefault { MinLength = 40, Special = false }, secret: true, persist: true);

// The schema is brought up to date once, before anything reads or writes it.
var migrations = builder.AddProject<Projects.SignalFlow_Processing>("migrations", launchProfileName: null)
    .WithHostEnvironment()
    .WithArgs("migrate")
    .WithReference(database).WaitFor(database);

// Exactly one: a second instance would only stand by. It refreshes densely enough to see a rise begin, and gives up what the quota does
// not allow, the oldest and quietest posts first.
var ingestion = builder.AddService<Projects.SignalFlow_Ingestion>("ingestion")
    .WithEnvironment("Ingestion__RefreshPreset", builder.Configuration["Ingestion:RefreshPreset"] ?? "early")
    .WithReference(kafka).WaitFor(kafka)
    .WithReference(database).WaitFor(database)
    .WaitForCompletion(migrations);

// Reddit itself where its credentials are configured, else the simulator.
ingestion.WithRedditSource();

// As many as the topics have partitions; a fourth would be idle.
builder.AddService<Projects.SignalFlow_Processing>("processing")
    .WithReplicas(3)
    .WithReference(kafka).WaitFor(kafka)
    .WithReference(database).WaitFor(database)
    .WithReference(redis).WaitFor(redis)
    .WaitForCompletion(migrations);

// The only way in for other programs; its port is the one the original system has.
var api = builder.AddService<Projects.SignalFlow_Api>("api", port: 8080)
    .WithExternalHttpEndpoints()
    .WithReference(database).WaitFor(database)
    .WithReference(redis).WaitFor(redis)
    // Only replays of dead letters need it.
    .WithReference(kafka)
    .WaitForCompletion(migrations)
    .WithEnvironment("SIGNALFLOW_ADMIN_PASSWORD", adminPassword)
    .WithEnvironment("Api__ServiceKey", serviceKey)
    .WithUrlForEndpoint("http", url => { url.DisplayText = "Posts (JSON)"; url.Url = "/api/posts/"; })
    .WithUrlForEndpoint("http", _ => new() { DisplayText = "Statistics (JSON)", Url = "/api/stats/" });

// The user interface; it knows the API, and keeps sign-ins in Redis.
builder.AddService<Projects.SignalFlow_Web>("web")
    .WithExternalHttpEndpoints()
    .WithReference(api).WaitFor(api)
    .WithReference(redis)
    .WithEnvironment("Web__ApiKey", serviceKey)
    .WithUrlForEndpoint("http", url => url.DisplayText = "SignalFlow");

builder.Build().Run();
