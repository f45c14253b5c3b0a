// Light or dark, before the first paint: what the reader chose here last, else what their system says.
(() => {
  const chosen = localStorage.getItem("govorun.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
