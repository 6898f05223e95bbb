// Tells the operations page whether it is seen. One such page per document.
let listeners;

export function attach(board) {
  detach();
  listeners = new AbortController();
  document.addEventListener(
    "visibilitychange",
    () => board.invokeMethodAsync("OnVisibilityChangedAsync", document.visibilityState === "visible"),
    { signal: listeners.signal });
}

export function detach() {
  listeners?.abort();
  listeners = undefined;
}
