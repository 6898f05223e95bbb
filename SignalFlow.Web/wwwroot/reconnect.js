// The link between this page and its server. <html data-circuit> lets the connection state in the header follow it.
const notice = document.getElementById("components-reconnect-modal");
const root = document.documentElement;

notice.addEventListener("components-reconnect-state-changed", event => {
  switch (event.detail.state) {
    case "show":
    case "retrying":
      root.dataset.circuit = "retrying";
      break;
    case "hide":
      delete root.dataset.circuit;
      break;
    case "failed":
    case "paused":
    case "resume-failed":
      root.dataset.circuit = "lost";
      document.addEventListener("visibilitychange", retryWhenVisible);
      break;
    case "rejected":
      location.reload();
      break;
  }
});

document.getElementById("reconnect-retry").addEventListener("click", retry);
document.getElementById("reconnect-resume").addEventListener("click", resume);

async function retry() {
  document.removeEventListener("visibilitychange", retryWhenVisible);
  try {
    // False: the server answered but no longer has this session.
    if (!(await Blazor.reconnect()) && !(await Blazor.resumeCircuit())) location.reload();
  } catch {
    document.addEventListener("visibilitychange", retryWhenVisible);
  }
}

async function resume() {
  try {
    if (!(await Blazor.resumeCircuit())) location.reload();
  } catch {
    location.reload();
  }
}

async function retryWhenVisible() {
  if (document.visibilityState === "visible") await retry();
}
