// A small form for one more person with a private chat of their own.

import { el } from "./element.js";
import { language, words } from "./words.js";

// Ask for a name and a language; `onAdd` gets {first_name, language_code}.
export function peopleDialog(onAdd) {
  const name = el("input", { name: "first_name", required: true, maxlength: "64", autocomplete: "off" });
  const tongues = [["ru", "Русский"], ["en", "English"]].map(([code, text]) => el("option", { value: code, text, selected: code === language }));
  const tongue = el("select", { name: "language_code" }, ...tongues);
  const cancel = el("button", { type: "button", class: "plain", text: words("cancel"), on: { click: () => box.close() } });
  const add = el("button", { type: "submit", class: "primary", text: words("add") });
  const form = el(
    "form",
    { method: "dialog" },
    el("h2", { text: words("addPerson") }),
    el("label", {}, words("name"), name),
    el("label", {}, words("languageOf"), tongue),
    el("div", { class: "choices" }, cancel, add),
  );
  const box = el("dialog", { class: "box", on: { close: () => box.remove() } }, form);
  form.addEventListener("submit", () => onAdd({ first_name: name.value.trim(), language_code: tongue.value }));
  document.body.append(box);
  box.showModal();
}
