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

  let pointer = false;
  let focus = false;
  const rows = target => Boolean(target?.closest?.("[data-feed-scroll]"));
  const engage = (nowPointer, nowFocus) => {
    if (pointer === nowPointer && focus === nowFocus) return;
    [pointer, focus] = [nowPointer, nowFocus];
    feed.invokeMethodAsync("OnEngagedAsync", pointer, focus);
  };
  element.addEventListener("pointerover", event => engage(event.pointerType === "mouse" && rows(event.target), focus), { signal, passive: true });
  element.addEventListener("pointerleave", () => engage(false, focus), { signal, passive: true });
  // The browser's own ring tells whether it is the keyboard's focus; a click is no walk.
  element.addEventListener("focusin", event => engage(pointer, rows(event.target) && event.target.matches(":focus-visible")), { signal });
  element.addEventListener("focusout", event => { if (!rows(event.relatedTarget)) engage(pointer, false); }, { signal });

  element.addEventListener("click", async event => {
    const button = event.target.closest?.("[data-copy-link]");
    if (!button) return;
    const label = button.dataset.label ??= button.textContent;
    try {
      await navigator.clipboard.writeText(location.href);
      button.textContent = "Copied";
    } catch {
      button.textContent = location.href; // no permission: it can be copied by hand
    }
    setTimeout(() => { button.textContent = label; }, 2000);
  }, { signal });

  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || event.target.closest("dialog")) return;
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
      case "o":
        document.activeElement?.closest?.("[data-post-id]")?.querySelector("[data-row-reddit]")?.click();
        break;
      case "?":
        element.querySelector("[data-keyboard-help]")?.showModal();
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
