// The list above the text: arrows choose, Enter or Tab takes, Escape closes.

import { el } from "./element.js";

export class Menu {
  constructor(root, text, onTake) {
    Object.assign(this, { root, text, onTake });
    this.hide();
  }

  get isShown() {
    return !this.root.hidden;
  }

  offer(entries) {
    this.entries = entries;
    this.at = 0;
    this.root.hidden = entries.length === 0;
    this.draw();
  }

  hide() {
    this.offer([]);
  }

  draw() {
    const option = (entry, index) =>
      el(
        "li",
        {
          id: `option-${index}`, role: "option", "aria-selected": String(index === this.at),
          on: { mousedown: (event) => (event.preventDefault(), this.take(entry)) },
        },
        el("b", { text: entry.fill }),
        el("span", { text: entry.note }),
      );
    this.root.replaceChildren(...this.entries.map(option));
    this.root.children[this.at]?.scrollIntoView({ block: "nearest" });
    this.text.setAttribute("aria-expanded", String(this.isShown));
    if (this.isShown) this.text.setAttribute("aria-activedescendant", `option-${this.at}`);
    else this.text.removeAttribute("aria-activedescendant");
  }

  take(entry) {
    this.hide();
    this.onTake(entry);
  }

  // Returns whether the key was meant for the menu.
  key(event) {
    if (!this.isShown || event.altKey) return false;
    const isOwn = this.act(event.key);
    if (isOwn) event.preventDefault();
    return isOwn;
  }

  act(key) {
    const count = this.entries.length;
    switch (key) {
      case "ArrowDown": this.at = (this.at + 1) % count; this.draw(); return true;
      case "ArrowUp": this.at = (this.at + count - 1) % count; this.draw(); return true;
      case "Enter": case "Tab": this.take(this.entries[this.at]); return true;
      case "Escape": this.hide(); return true;
      default: return false;
    }
  }
}
