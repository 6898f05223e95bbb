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

// Where no job does it. All processes may: one migrates, the others wait for it.
if (builder.Configuration.GetValue<bool>("Storage:MigrateAtStart") && await MigrateCommand.RunAsync() is not 0 and var failure)
    return failure;

var app = builder.Build();
app.MapServiceDefaults();
return app.RunService();
