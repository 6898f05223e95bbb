// Keyboard, scroll position and page title of the live feed. One feed per page.
let listeners;
let scroller;
let title;

export function attach(element, feed) {
  detach();
  listeners = new AbortController();
  const { signal } = listeners;
  title = document.title.replace(/^\(\d+\) /, "");

  let atTop = true;
  element.addEventListener("scroll", event => {
    if (!event.target.hasAttribute?.("data-feed-scroll")) return;
    scroller = event.target;
    const now = scroller.scrollTop < 8;
    if (now === atTop) return;
    atTop = now;
    feed.invokeMethodAsync("OnScrolledAsync", atTop);
  }, { signal, capture: true, passive: true });

  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    switch (event.key) {
      case " ":
        if (event.target.closest("button, a, summary, label")) return;
        event.preventDefault();
        if (!event.repeat) feed.invokeMethodAsync("TogglePauseAsync");
        break;
      case "/":
        event.preventDefault();
        element.querySelector("[data-shortcut=search]")?.focus();
        break;
      case "j":
        move(element, 1);
        break;
      case "k":
        move(element, -1);
        break;
    }
  }, { signal });

  // The virtualised rows are measured and drawn within the next frames; until then the first rows stay.
  return new Promise(done => setTimeout(done, 500));
}

export function detach() {
  listeners?.abort();
  listeners = undefined;
  scroller = undefined;
}

export function scrollToTop() {
  scroller?.scrollTo({ top: 0 });
}

export function showWaiting(count) {
  document.title = count > 0 ? `(${count}) ${title}` : title;
}

function isTyping(target) {
  return target.closest?.("input, select, textarea, [contenteditable]") !== null;
}

function move(element, step) {
  const links = [...element.querySelectorAll(".virtual-rows [data-row-link]")];
  if (links.length === 0) return;
  const row = document.activeElement?.closest?.("[data-post-id]");
  const current = row ? links.findIndex(link => row.contains(link)) : -1;
  const next = links[Math.min(Math.max(current + step, 0), links.length - 1)];
  next.focus({ preventScroll: true });
  next.closest("[data-post-id]").scrollIntoView({ block: "nearest" });
}
