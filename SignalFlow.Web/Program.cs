using SignalFlow.ServiceDefaults;
using SignalFlow.Web;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddSignalFlowWeb();

var app = builder.Build();
app.MapServiceDefaults();
app.MapSignalFlowWeb();
return app.RunService();
