#:property PublishAot=false

// Writes the dashboards of SignalFlow.AppHost/grafana/dashboards: what they show stands below, the JSON is committed. SHA256SUMS beside it tells
// whether the files and this program belong together.
//
//     dotnet run tools/dashboards.cs

using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;

// Over all processes of the services and instances that are chosen above the panels.
const string On = """job=~"$service",instance=~"$instance" """;
// As in the recording rules: what the API is asked, without health checks, scrapes and, in Standalone, the simulated Reddit.
const string Api = """http_route=~"/(api|dlq)/.*|/dlq",http_route!~"/api/info|/api/v1/.*" """;

// Of the recording rules.
string[] windows = ["5m", "30m", "1h", "6h"];

Dashboard[] dashboards =
[
    new("signalflow-overview", "SignalFlow: overview", "What comes in, how fast it is stored, what fails, and whether the objectives hold.",
    [
        new("Pipeline",
        [
            new("Messages/s", "cps", "Records that processing has consumed, by topic.",
                [new("sum by (topic) (rate(reddit_processor_messages_total[$__rate_interval]))", "{{topic}}")]),
            new("Flush P50/P95/P99", "s", "Time to store a batch, over all replicas together; above 250 ms for ten minutes there is an alert.",
                [.. QuantilesOf("reddit_processor_batch_flush_seconds", "", [0.5, 0.95, 0.99])]),
            new("Batch outcomes", "cps", "Batches stored, and batches that failed and are tried again.",
                [new("sum by (status) (rate(reddit_processor_batches_total[$__rate_interval]))", "{{status}}")]),
            new("DLQ rate", "cps", "Dead letters, by error class.",
                [
                    new("sum(rate(reddit_processor_dlq_messages_total[$__rate_interval]))", "all"),
                    new("sum by (class) (rate(signalflow_dead_letters_total[$__rate_interval]))", "{{class}}"),
                ]),
        ]),
        new("Objectives",
        [
            new("Stored within 30 s", "percentunit", "Share of the observations of six hours that were stored within 30 s of Reddit's answer; the objective is 99 %.",
                [new("1 - signalflow:observations_late:ratio_rate6h", "stored in time")]) { Kind = "stat", Good = 0.99 },
            new("API without 5xx", "percentunit", "Share of the API's requests of six hours that did not end with 5xx; the objective is 99.9 %.",
                [new("1 - signalflow:api_errors:ratio_rate6h", "answered")]) { Kind = "stat", Good = 0.999 },
            new("Burn rate: stored late", "none", "How many times faster than allowed the budget is used; alerts begin at 14.4 (1 h) and 6 (6 h).",
                [.. windows.Select(window => new Query($"signalflow:observations_late:ratio_rate{window} / 0.01", window))]),
            new("Burn rate: API errors", "none", "How many times faster than allowed the budget is used; alerts begin at 14.4 (1 h) and 6 (6 h).",
                [.. windows.Select(window => new Query($"signalflow:api_errors:ratio_rate{window} / 0.001", window))]),
        ]),
        new("State",
        [
            new("Alerts", "none", "Alerts that fire, by name.", [new("count by (alertname, severity) (ALERTS{alertstate=\"firing\"})", "{{alertname}} ({{severity}})")]),
            new("Targets", "none", "Processes that answer Prometheus, by service.", [new("sum by (job) (up)", "{{job}}")]),
            new("Time lag", "s", "Age of the last durable record of the partition that is furthest behind.",
                [new("max by (topic) (signalflow_consumer_time_lag_seconds)", "{{topic}}")]),
            new("Dead letters that wait", "none", "Rows of dlq_events that somebody has still to settle.",
                [new("max by (state) (signalflow_dlq_events{state=~\"new|replaying|failed_again|parked\"})", "{{state}}")]),
        ]),
    ]),
    new("signalflow-ingestion", "SignalFlow: ingestion", "Requests to Reddit, the quota they use, and how late posts are seen.",
    [
        new("Requests and quota",
        [
            new("Requests by outcome", "cps", "Requests to Reddit, by outcome.", [new($"sum by (outcome) (rate(signalflow_ingest_requests_total{{{On}}}[$__rate_interval]))", "{{outcome}}")]),
            new("Requests by kind", "cps", "What the requests are for.", [new($"sum by (kind) (rate(signalflow_ingest_requests_total{{{On}}}[$__rate_interval]))", "{{kind}}")]),
            new("Quota left", "none", "Requests left in Reddit's window, as its last answer said.", [new($"signalflow_reddit_ratelimit_remaining{{{On}}}", "{{instance}}")]),
            new("Window ends in", "s", "Until Reddit's window ends.", [new($"signalflow_reddit_ratelimit_reset_seconds{{{On}}}", "{{instance}}")]),
            new("Answer time P50/P95", "s", "From sending a request to the end of its answer.", [.. Quantiles("signalflow_ingest_request_seconds", 0.5, 0.95)]),
            new("No token", "cps", "Requests that were not sent, as no OAuth token could be had.", [new($"sum(rate(signalflow_ingest_no_token_total{{{On}}}[$__rate_interval]))", "not sent")]),
        ]),
        new("Freshness",
        [
            new("Newest post", "s", "Age of the newest post that was seen, by tier.", [new($"min by (tier) (signalflow_ingest_freshness_seconds{{{On}}})", "{{tier}}")]),
            new("Discovery P50/P95", "s", "From a post's creation to the answer that first showed it.", [.. Quantiles("signalflow_ingest_discovery_seconds", 0.5, 0.95)]),
            new("Poll delay P95", "s", "How much later than due polls begin, by tier.",
                [new($"histogram_quantile(0.95, sum by (le, tier) (rate(signalflow_ingest_poll_delay_seconds_bucket{{{On}}}[$__rate_interval])))", "{{tier}}")]),
            new("Observations", "cps", "Observations that Kafka has confirmed, by topic.", [new($"sum by (topic) (rate(signalflow_ingest_observations_total{{{On}}}[$__rate_interval]))", "{{topic}}")]),
            new("Tracked and overdue posts", "none", "Posts young enough to be refreshed, and those whose refresh is late.",
                [new($"sum(signalflow_posts_tracked{{{On}}})", "tracked"), new($"sum(signalflow_refresh_overdue{{{On}}})", "overdue")]),
            new("Stretch", "none", "Longest factor on a refresh interval; 1: the quota is enough for all.", [new($"max(signalflow_refresh_stretch{{{On}}})", "stretch")]),
        ]),
        new("What is missing or gone",
        [
            new("Gaps", "none", "Listings of the last hour that ended before a known post.", [new($"sum(increase(signalflow_ingest_gaps_total{{{On}}}[1h]))", "gaps")]),
            new("Sweep age", "s", "How late a deletion may be noticed.", [new($"max(signalflow_sweep_age_seconds{{{On}}})", "since the sweep began")]),
            new("Removed posts", "cps", "Posts that Reddit has removed, by how that was found, and old posts that were looked at.",
                [
                    new($"sum by (found) (rate(signalflow_ingest_removed_posts_total{{{On}}}[$__rate_interval]))", "{{found}}"),
                    new($"sum(rate(signalflow_ingest_swept_posts_total{{{On}}}[$__rate_interval]))", "looked at"),
                ]),
            new("Malformed posts", "cps", "Posts left out of an answer as something essential was missing.", [new($"sum(rate(signalflow_ingest_malformed_posts_total{{{On}}}[$__rate_interval]))", "left out")]),
        ]),
    ]),
    new("signalflow-lag", "SignalFlow: lag", "How far processing is behind, and what it does with its time.",
    [
        new("Behind",
        [
            new("Time lag", "s", "Age of the last durable record of a partition that has newer ones; above 60 s and rising for ten minutes there is an alert.",
                [new($"max by (topic, partition) (signalflow_consumer_time_lag_seconds{{{On}}})", "{{topic}} {{partition}}")]),
            new("Lag", "none", "Records of a partition that are not durable yet.", [new($"max by (topic, partition) (signalflow_consumer_lag{{{On}}})", "{{topic}} {{partition}}")]),
            new("In and out", "cps", "Observations that Kafka has confirmed, and records that were consumed.",
                [new("sum(rate(signalflow_ingest_observations_total[$__rate_interval]))", "published"), new("sum(rate(reddit_processor_messages_total[$__rate_interval]))", "consumed")]),
            new("End to end P50/P95/P99", "s", "From Reddit's answer to the commit.", [.. Quantiles("signalflow_end_to_end_seconds", 0.5, 0.95, 0.99)]),
        ]),
        new("Batches",
        [
            new("Batch size P50/P95", "none", "Records of a stored batch.", [.. Quantiles("signalflow_batch_size", 0.5, 0.95)]),
            new("Stages P95", "s", "Time of each stage of a batch; decode, state and analyse may overlap the write before.",
                [new($"histogram_quantile(0.95, sum by (le, stage) (rate(signalflow_batch_stage_seconds_bucket{{{On}}}[$__rate_interval])))", "{{stage}}")]),
            new("Retries", "cps", "Batches tried again after a transient failure.", [new($"sum(rate(signalflow_batch_retries_total{{{On}}}[$__rate_interval]))", "retries")]),
            new("Velocity states", "none", "States in Redis when last asked.", [new($"max(reddit_processor_velocity_cache_size{{{On}}})", "states")]),
            new("Stale states", "cps", "Posts whose state in Redis was behind the table.", [new($"sum(rate(signalflow_stale_velocity_states_total{{{On}}}[$__rate_interval]))", "stale")]),
            new("Replays", "cps", "What came of replayed dead letters.", [new($"sum by (outcome) (rate(signalflow_dlq_replay_outcomes_total{{{On}}}[$__rate_interval]))", "{{outcome}}")]),
        ]),
    ]),
    new("signalflow-api-live", "SignalFlow: API and live", "Requests to the API and the live stream.",
    [
        new("API",
        [
            new("Requests by status", "reqps", "Requests to the API.", [new($"sum by (http_response_status_code) (rate(http_server_request_duration_seconds_count{{{On},{Api}}}[$__rate_interval]))", "{{http_response_status_code}}")]),
            new("Duration P50/P95/P99", "s", "Of requests to the API; live streams excluded.",
                [.. QuantilesOf("http_server_request_duration_seconds", $"{On},{Api},http_route!~\"/api/stream.*\"", [0.5, 0.95, 0.99])]),
            new("P95 by route", "s", "The routes that take longest.",
                [new($"topk(10, histogram_quantile(0.95, sum by (le, http_route) (rate(http_server_request_duration_seconds_bucket{{{On},{Api},http_route!~\"/api/stream.*\"}}[$__rate_interval]))))", "{{http_route}}")]),
            new("Refused by limits", "cps", "Requests over a rate limit, by what the limit is of.", [new($"sum by (kind) (rate(signalflow_api_limited_total{{{On}}}[$__rate_interval]))", "{{kind}}")]),
            new("Kept answers", "cps", "Answers that are kept for some seconds, by where they came from.", [new($"sum by (source) (rate(signalflow_kept_answers_total{{{On}}}[$__rate_interval]))", "{{source}}")]),
            new("Requests under way", "none", "Open requests, live streams included.", [new($"sum by (instance) (http_server_active_requests{{{On}}})", "{{instance}}")]),
        ]),
        new("Live",
        [
            new("Connections", "none", "Open live connections, by transport.", [new($"sum by (transport) (signalflow_live_connections{{{On}}})", "{{transport}}")]),
            new("Delay P50/P95/P99", "s", "From the commit to the sending, of a message's oldest state.", [.. Quantiles("signalflow_live_delay_seconds", 0.5, 0.95, 0.99)]),
            new("Messages", "cps", "Messages sent, and updates received from processing.",
                [
                    new($"sum by (transport) (rate(signalflow_live_messages_sent_total{{{On}}}[$__rate_interval]))", "sent: {{transport}}"),
                    new($"sum(rate(signalflow_live_updates_total{{{On}}}[$__rate_interval]))", "received"),
                ]),
            new("Sent", "Bps", "Bytes sent to live clients, by transport.", [new($"sum by (transport) (rate(signalflow_live_sent_bytes_total{{{On}}}[$__rate_interval]))", "{{transport}}")]),
            new("Lost, missed, coalesced", "cps", "Holes in the updates, posts that processing could not publish, states that slow clients were not given, and states that joined a waiting message.",
                [
                    new($"sum(rate(signalflow_live_lost_updates_total{{{On}}}[$__rate_interval]))", "holes"),
                    new($"sum(rate(signalflow_live_lost_total{{{On}}}[$__rate_interval]))", "not published"),
                    new($"sum(rate(signalflow_live_missed_total{{{On}}}[$__rate_interval]))", "missed"),
                    new($"sum(rate(signalflow_live_coalesced_total{{{On}}}[$__rate_interval]))", "coalesced"),
                ]),
            new("Refused and too slow", "cps", "Live connections refused, by reason, and closed because they took nothing.",
                [
                    new($"sum by (reason) (rate(signalflow_live_refused_total{{{On}}}[$__rate_interval]))", "refused: {{reason}}"),
                    new($"sum by (transport) (rate(signalflow_live_slow_clients_total{{{On}}}[$__rate_interval]))", "too slow: {{transport}}"),
                ]),
        ]),
    ]),
    new("signalflow-database", "SignalFlow: database", "Connections, the storage's jobs and sizes, and replicas.",
    [
        new("Connections",
        [
            new("Connections in use", "none", "Of each pool, by process.",
                [new($"sum by (instance, db_client_connection_pool_name) (db_client_connection_count{{{On},db_client_connection_state=\"used\"}})", "{{instance}} {{db_client_connection_pool_name}}")]),
            new("Pool in use", "percentunit", "Share of the largest number of connections; above 90 % there is an alert.",
                [new($"sum by (instance, db_client_connection_pool_name) (db_client_connection_count{{{On},db_client_connection_state=\"used\"}}) / max by (instance, db_client_connection_pool_name) (db_client_connection_max{{{On}}})", "{{instance}} {{db_client_connection_pool_name}}")]),
            new("Commands P50/P95/P99", "s", "Time of a command, over all processes.", [.. Quantiles("db_client_operation_duration_seconds", 0.5, 0.95, 0.99)]),
            new("Commands", "cps", "Commands, by pool.", [new($"sum by (db_client_connection_pool_name) (rate(db_client_operation_duration_seconds_count{{{On}}}[$__rate_interval]))", "{{db_client_connection_pool_name}}")]),
        ]),
        new("Jobs and sizes",
        [
            new("Since the last success", "s", "Of each job, in whatever process.", [new("time() - max by (task) (signalflow_storage_job_last_success_timestamp_seconds)", "{{task}}")]),
            new("Failed runs", "none", "Of the last hour, by job.", [new($"sum by (task) (increase(signalflow_storage_job_runs_total{{{On},outcome=\"failure\"}}[1h]))", "{{task}}")]),
            new("Duration P95", "s", "Of a run, by job.", [new($"histogram_quantile(0.95, sum by (le, task) (rate(signalflow_storage_job_duration_seconds_bucket{{{On}}}[30m])))", "{{task}}")]),
            new("Size", "bytes", "Tables with their indexes; the history includes partitions or chunks and hourly figures.", [new("max by (relation) (signalflow_storage_bytes)", "{{relation}}")]) { Stacked = true },
            new("Data disk", "bytes", "Free space where the private database of Standalone keeps its files.",
                [new($"signalflow_data_disk_free_bytes{{{On}}}", "free"), new($"signalflow_data_disk_size_bytes{{{On}}}", "size")]),
            new("Purged posts", "cps", "Posts whose content was purged, by reason.", [new($"sum by (reason) (rate(signalflow_purged_posts_total{{{On}}}[$__rate_interval]))", "{{reason}}")]),
        ]),
        new("Replicas",
        [
            new("Replica lag", "s", "How old the data of a replica are.", [new($"max by (replica) (signalflow_replica_lag_seconds{{{On}}})", "replica {{replica}}")]),
            new("Replica in use", "bool", "Whether reads go to it.", [new($"min by (replica) (signalflow_replica_in_use{{{On}}})", "replica {{replica}}")]),
            new("Reads", "cps", "Queries by where they went, and those sent again as their server had gone.",
                [new($"sum by (target) (rate(signalflow_reads_total{{{On}}}[$__rate_interval]))", "{{target}}"), new($"sum(rate(signalflow_reads_repeated_total{{{On}}}[$__rate_interval]))", "repeated")]),
        ]),
    ]),
    new("signalflow-product", "SignalFlow: product", "What users get: posts, the UI, sign-ins; and what it costs.",
    [
        new("Posts",
        [
            new("New posts per hour", "none", "Posts first seen in the last hour, by tier.", [new("sum by (tier) (increase(signalflow_ingest_discovery_seconds_count[1h]))", "{{tier}}")]),
            new("Observations per hour", "none", "States of posts that were consumed in the last hour, by topic.", [new("sum by (topic) (increase(reddit_processor_messages_total[1h]))", "{{topic}}")]),
            new("Posts tracked", "none", "Posts young enough to be refreshed.", [new("sum(signalflow_posts_tracked)", "tracked")]),
            new("Removed per hour", "none", "Posts whose content was purged in the last hour.", [new("sum(increase(signalflow_purged_posts_total[1h]))", "purged")]),
        ]),
        new("Signals and alerts",
        [
            new("Surges", "none", "Posts that are emerging, trending or have peaked.", [new("max by (phase) (signalflow_surge_posts)", "{{phase}}")]),
            new("Stories and terms", "cps", "Posts whose story was found, and buckets of terms that were looked at.",
            [
                new("sum(rate(signalflow_story_posts_total[$__rate_interval]))", "posts"),
                new("sum(rate(signalflow_term_buckets_total[$__rate_interval]))", "buckets of terms"),
                new("sum(rate(signalflow_hourly_analyses_total[$__rate_interval]))", "hours of sentiment and activity"),
            ]),
            new("Leader", "none", "The process that looks at all posts together: 1 in one of them.", [new("max by (instance) (signalflow_discovery_leads)", "{{instance}}")]),
            new("Signals found anew", "cps", "Posts whose signal was found anew from their history.", [new("sum(rate(signalflow_surge_refolds_total[$__rate_interval]))", "posts")]),
            new("Alerts per hour", "none", "Alerts of the rules of users, by outcome.", [new("sum by (outcome) (increase(signalflow_alerts_total[1h]))", "{{outcome}}")]),
            new("Deliveries", "cps", "Messages to channels, by channel and outcome.", [new("sum by (channel, outcome) (rate(signalflow_alert_deliveries_total[$__rate_interval]))", "{{channel}} {{outcome}}")]),
            new("Deliveries that wait", "none", "Messages that are due and not sent.", [new("max(signalflow_alert_deliveries_pending)", "pending")]),
            new("Rules that fail", "none", "Evaluations of a rule that failed in the last hour.", [new("sum(increase(signalflow_alert_rule_failures_total[1h]))", "failed")]),
        ]),
        new("Users",
        [
            new("Browser sessions", "none", "Circuits of the UI.", [new("sum by (instance) (signalflow_web_circuits)", "{{instance}}")]),
            new("Live clients", "none", "Connections to the live stream; each process of the UI is one.", [new("sum by (transport) (signalflow_live_connections)", "{{transport}}")]),
            new("UI connected", "bool", "Whether the UI's live stream is connected, and what comes over it.", [new("min by (instance) (signalflow_web_live_connected)", "{{instance}}")]),
            new("Updates in the UI", "cps", "Post updates that the UI received.", [new("sum(rate(signalflow_web_live_updates_total[$__rate_interval]))", "updates")]),
            new("Sign-ins per hour", "none", "With a password, by outcome.", [new("sum by (outcome) (increase(signalflow_sign_ins_total[1h]))", "{{outcome}}")]),
            new("Token refreshes per hour", "none", "By outcome; reused is a theft, or a program that keeps an old token.", [new("sum by (outcome) (increase(signalflow_token_refreshes_total[1h]))", "{{outcome}}")]),
        ]),
        new("Processes",
        [
            new("CPU", "percentunit", "Cores in use, by process.", [new($"sum by (job, instance) (rate(dotnet_process_cpu_time_seconds_total{{{On}}}[$__rate_interval]))", "{{job}} {{instance}}")]),
            new("Memory", "bytes", "Working set, by process.", [new($"sum by (job, instance) (dotnet_process_memory_working_set_bytes{{{On}}})", "{{job}} {{instance}}")]),
            new("GC pauses", "percentunit", "Share of the time that a process stood still for its garbage collector.", [new($"sum by (job, instance) (rate(dotnet_gc_pause_time_seconds_total{{{On}}}[$__rate_interval]))", "{{job}} {{instance}}")]),
            new("Exceptions", "cps", "Exceptions thrown, by process.", [new($"sum by (job, instance) (rate(dotnet_exceptions_total{{{On}}}[$__rate_interval]))", "{{job}} {{instance}}")]),
        ]),
    ]),
];

var source = ThisFile();
var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, ".."));
var folder = Path.Combine(root, "SignalFlow.AppHost", "grafana", "dashboards");
Directory.CreateDirectory(folder);
var files = new List<string> { source };
foreach (var dashboard in dashboards)
{
    var file = Path.Combine(folder, dashboard.Uid["signalflow-".Length..] + ".json");
    File.WriteAllText(file, ToJson(dashboard).ToJsonString(new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n");
    files.Add(file);
}

// In the form of sha256sum, of which -c checks it in the root of the repository.
File.WriteAllLines(Path.Combine(folder, "SHA256SUMS"), files.Select(file =>
    $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))}  {Path.GetRelativePath(root, file).Replace('\\', '/')}"));
return;

// Over all replicas together: quantiles of quantiles would be none.
static IEnumerable<Query> Quantiles(string histogram, params double[] quantiles) => QuantilesOf(histogram, On, quantiles);

static IEnumerable<Query> QuantilesOf(string histogram, string which, double[] quantiles) => quantiles.Select(quantile => new Query(
    string.Create(CultureInfo.InvariantCulture, $"histogram_quantile({quantile}, sum by (le) (rate({histogram}_bucket{{{which}}}[$__rate_interval])))"),
    string.Create(CultureInfo.InvariantCulture, $"P{quantile * 100}")));

static JsonObject ToJson(Dashboard dashboard)
{
    var panels = new JsonArray();
    var (id, y) = (1, 0);
    foreach (var row in dashboard.Rows)
    {
        panels.Add(new JsonObject { ["id"] = id++, ["type"] = "row", ["title"] = row.Title, ["collapsed"] = false, ["gridPos"] = Place(0, y++, 24, 1), ["panels"] = new JsonArray() });
        // Four side by side, or three where that leaves no hole.
        var columns = row.Panels.Count % 4 == 0 ? 4 : 3;
        foreach (var (index, panel) in row.Panels.Index())
            panels.Add(ToPanel(panel, id++, Place(index % columns * (24 / columns), y + (index / columns * 8), 24 / columns, 8)));
        y += (row.Panels.Count + columns - 1) / columns * 8;
    }

    return new()
    {
        ["uid"] = dashboard.Uid,
        ["title"] = dashboard.Title,
        ["description"] = dashboard.Description,
        ["tags"] = new JsonArray("signalflow"),
        ["schemaVersion"] = 39,
        ["version"] = 1,
        ["editable"] = false,
        // A shared crosshair and tooltip.
        ["graphTooltip"] = 2,
        ["refresh"] = "30s",
        ["timezone"] = "browser",
        ["time"] = new JsonObject { ["from"] = "now-1h", ["to"] = "now" },
        ["links"] = new JsonArray(new JsonObject
        {
            ["type"] = "dashboards", ["title"] = "SignalFlow", ["tags"] = new JsonArray("signalflow"), ["asDropdown"] = false, ["includeVars"] = true, ["keepTime"] = true,
        }),
        ["templating"] = new JsonObject
        {
            ["list"] = new JsonArray(
                Variable("service", "Service", "label_values(dotnet_process_memory_working_set_bytes, job)"), Variable("instance", "Instance", "label_values(dotnet_process_memory_working_set_bytes{job=~\"$service\"}, instance)")),
        },
        ["panels"] = panels,
    };
}

static JsonObject ToPanel(Panel panel, int id, JsonObject place)
{
    var defaults = new JsonObject { ["unit"] = panel.Unit, ["min"] = panel.Kind == "stat" ? null : 0 };
    if (panel.Kind == "timeseries")
    {
        defaults["custom"] = new JsonObject
        {
            ["fillOpacity"] = 10, ["lineWidth"] = 1, ["showPoints"] = "never", ["stacking"] = new JsonObject { ["mode"] = panel.Stacked ? "normal" : "none" },
        };
    }
    else
    {
        defaults["decimals"] = 3;
        defaults["thresholds"] = new JsonObject
        {
            ["mode"] = "absolute",
            ["steps"] = new JsonArray(new JsonObject { ["color"] = "red", ["value"] = null }, new JsonObject { ["color"] = "green", ["value"] = panel.Good }),
        };
    }

    return new()
    {
        ["id"] = id,
        ["type"] = panel.Kind,
        ["title"] = panel.Title,
        ["description"] = panel.Description,
        ["gridPos"] = place,
        ["datasource"] = Source(),
        ["fieldConfig"] = new JsonObject { ["defaults"] = defaults, ["overrides"] = new JsonArray() },
        ["options"] = panel.Kind == "timeseries"
            ? new JsonObject
            {
                ["legend"] = new JsonObject { ["displayMode"] = "list", ["placement"] = "bottom", ["showLegend"] = true },
                ["tooltip"] = new JsonObject { ["mode"] = "multi", ["sort"] = "desc" },
            }
            : new JsonObject { ["reduceOptions"] = new JsonObject { ["calcs"] = new JsonArray("lastNotNull") }, ["textMode"] = "value_and_name" },
        ["targets"] = new JsonArray([.. panel.Queries.Select((query, index) => new JsonObject
        {
            ["refId"] = ((char)('A' + index)).ToString(),
            ["datasource"] = Source(),
            ["expr"] = query.Expression.Replace("{}", "").Replace(" }", "}").Replace(" ,", ","),
            ["legendFormat"] = query.Legend,
        })]),
    };
}

static JsonObject Variable(string name, string label, string query) => new()
{
    ["name"] = name,
    ["label"] = label,
    ["type"] = "query",
    ["datasource"] = Source(),
    ["query"] = new JsonObject { ["query"] = query, ["refId"] = name },
    ["refresh"] = 2,
    ["sort"] = 1,
    ["multi"] = true,
    ["includeAll"] = true,
    // Also where a Prometheus of one's own has no such label.
    ["allValue"] = ".*",
    ["current"] = new JsonObject { ["text"] = "All", ["value"] = "$__all" },
};

static JsonObject Source() => new() { ["type"] = "prometheus", ["uid"] = "signalflow-prometheus" };

static JsonObject Place(int x, int y, int width, int height) => new() { ["x"] = x, ["y"] = y, ["w"] = width, ["h"] = height };

static string ThisFile([CallerFilePath] string path = "") => path;

internal sealed record Dashboard(string Uid, string Title, string Description, IReadOnlyList<Row> Rows);

internal sealed record Row(string Title, IReadOnlyList<Panel> Panels);

/// <param name="Unit">Of Grafana: s, bytes, cps (per second), percentunit, none.</param>
internal sealed record Panel(string Title, string Unit, string Description, IReadOnlyList<Query> Queries)
{
    public string Kind { get; init; } = "timeseries";

    /// <summary>From where a figure is green.</summary>
    public double? Good { get; init; }

    public bool Stacked { get; init; }
}

internal sealed record Query(string Expression, string Legend);
