// Whether anybody sees the page.
export function isVisible() {
  return document.visibilityState === "visible";
}
