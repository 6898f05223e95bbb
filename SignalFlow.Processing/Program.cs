using SignalFlow.Processing;
using SignalFlow.Processing.Import;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage;

if (args is ["migrate"])
    return await MigrateCommand.RunAsync();
if (args is ["import", .. var arguments])
    return await ImportCommand.RunAsync(arguments);

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddPostStorage();
builder.AddStorageHousekeeping();
builder.AddProcessing();

var app = builder.Build();
app.MapServiceDefaults();
return app.RunService();
