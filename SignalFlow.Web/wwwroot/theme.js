// The theme is light, dark or that of the system. Loaded before the first paint.
(() => {
  const key = "signalflow-theme";
  const root = document.documentElement;

  function chosen() {
    try {
      const value = localStorage.getItem(key);
      return value === "light" || value === "dark" ? value : "system";
    } catch {
      return "system"; // storage is switched off
    }
  }

  let theme = chosen();

  function apply() {
    if (theme === "system") root.removeAttribute("data-theme");
    else if (root.dataset.theme !== theme) root.dataset.theme = theme;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
    }
  }

  apply();
  document.addEventListener("DOMContentLoaded", () => {
    apply();
    // Enhanced navigation merges the server's <html>, which knows no theme; this runs before the next paint.
    new MutationObserver(() => {
      if ((root.dataset.theme ?? "system") !== theme) apply();
    }).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
  });

  document.addEventListener("click", event => {
    const choice = event.target.closest?.("[data-theme-choice]")?.dataset.themeChoice;
    if (!choice) return;
    theme = choice;
    try {
      localStorage.setItem(key, theme);
    } catch {
      // the choice lasts for this page
    }
    apply();
  });

  addEventListener("storage", event => {
    if (event.key !== key) return;
    theme = chosen();
    apply();
  });
})();
