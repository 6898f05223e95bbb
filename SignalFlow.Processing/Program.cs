using SignalFlow.Processing;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage;

if (args is ["migrate"])
    return await MigrateCommand.RunAsync();

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddPostStorage();
builder.AddStorageHousekeeping();
builder.AddProcessing();

var app = builder.Build();
app.MapServiceDefaults();
return app.RunService();
