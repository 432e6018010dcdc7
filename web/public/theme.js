// Sets the colours before the first paint. A file of its own because the page's CSP allows no script inside the HTML.
(() => {
  let wanted = null;
  try {
    wanted = localStorage.getItem("millrace-theme");
  } catch {
    // Storage is switched off: the system's choice holds.
  }
  const dark = wanted === "dark" || (wanted !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
