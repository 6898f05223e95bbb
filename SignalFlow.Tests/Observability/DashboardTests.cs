using System.Security.Cryptography;
using System.Text.Json;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Observability;

public sealed class DashboardTests
{
    // Running the program would cost a compilation. It notes what it was and what it wrote, so neither can be changed alone.
    [Fact]
    public async Task The_dashboards_are_those_that_the_program_in_tools_writes()
    {
        var sums = (await File.ReadAllLinesAsync(Path.Combine(PrometheusFiles.DashboardsFolder, "SHA256SUMS"), TestContext.Current.CancellationToken))
            .Select(line => line.Split("  ")).ToDictionary(parts => parts[1], parts => parts[0]);
        var files = Directory.GetFiles(PrometheusFiles.DashboardsFolder, "*.json").Append(Path.Combine(Checkout.Folder, "tools", "dashboards.cs"))
            .ToDictionary(file => Path.GetRelativePath(Checkout.Folder, file), file => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))));

        Assert.Equal(files.OrderBy(file => file.Key, StringComparer.Ordinal), sums.OrderBy(file => file.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void The_overview_begins_with_the_four_panels_of_the_original_system()
    {
        var overview = PrometheusFiles.Dashboards.Single(dashboard => dashboard.GetProperty("uid").GetString() == "signalflow-overview");
        var panels = overview.GetProperty("panels").EnumerateArray()
            .Where(panel => panel.GetProperty("type").GetString() != "row").Select(panel => panel.GetProperty("title").GetString());

        Assert.Equal(["Messages/s", "Flush P50/P95/P99", "Batch outcomes", "DLQ rate"], panels.Take(4));
    }

    [Fact]
    public void Every_panel_has_a_unit_a_description_and_legends_and_stands_beside_the_others()
    {
        Assert.All(PrometheusFiles.Panels, panel =>
        {
            Assert.False(string.IsNullOrWhiteSpace(panel.GetProperty("description").GetString()));
            Assert.False(string.IsNullOrWhiteSpace(panel.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("unit").GetString()));
            Assert.All(panel.GetProperty("targets").EnumerateArray(), target =>
                Assert.False(string.IsNullOrWhiteSpace(target.GetProperty("legendFormat").GetString())));
        });
        Assert.All(PrometheusFiles.Dashboards, dashboard =>
        {
            var places = dashboard.GetProperty("panels").EnumerateArray().Select(panel => panel.GetProperty("gridPos")).ToList();
            var cells = places.SelectMany(place =>
                from x in Enumerable.Range(Number(place, "x"), Number(place, "w"))
                from y in Enumerable.Range(Number(place, "y"), Number(place, "h")) select (x, y)).ToList();
            Assert.Equal(cells.Count, cells.Distinct().Count());
            Assert.All(cells, cell => Assert.InRange(cell.x, 0, 23));
        });
    }

    private static int Number(JsonElement place, string name) => place.GetProperty(name).GetInt32();
}
