// Runs before the first paint, so that a chosen theme does not flash. Everything else is in modules.
(() => {
  try {
    const theme = localStorage.getItem("s2p.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage may be forbidden; then the system's theme is used.
  }
})();
