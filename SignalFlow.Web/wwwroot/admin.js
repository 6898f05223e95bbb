// What the pages of administrators and accounts need of the browser.

/** Selects the text of a field and copies it; false where the browser does not let us. */
export async function copy(field) {
  field.focus();
  field.select();
  try {
    // Only where the page is from https or from this machine.
    if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
    else if (!document.execCommand("copy")) return false;
    return true;
  } catch {
    return false;
  }
}

/** The chosen file or, without one, the text: as bytes, because one message of the circuit holds only 32 KiB. */
export function content(files, text) {
  return files.files[0] ?? new Blob([text.value]);
}

export function size(files, text) {
  return content(files, text).size;
}

export function clear(files, text) {
  files.value = "";
  text.value = "";
}

/** Of whoever looks; empty where the browser does not say. */
export function timeZone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}

/** Goes to the first field that something is wrong with. */
export function seekProblem(form) {
  const field = form.querySelector('[aria-invalid="true"]');
  if (field) field.focus();
  else form.querySelector(".field-problem")?.scrollIntoView({ block: "center" });
}
