// Files that are drawn into the page from outside.

// Show `veil` while files are above the page; `onDrop` hears of those that are let go.
export function droppable(veil, onDrop) {
  const listen = (what, act) =>
    document.addEventListener(what, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault(); // Otherwise the browser would open the file in place of the page.
      act(event);
    });
  listen("dragover", () => (veil.hidden = false));
  listen("dragleave", ({ relatedTarget }) => (veil.hidden ||= relatedTarget === null)); // Null: out of the window.
  listen("drop", ({ dataTransfer }) => {
    veil.hidden = true;
    onDrop([...dataTransfer.files]);
  });
}
