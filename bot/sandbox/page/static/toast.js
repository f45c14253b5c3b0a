// Short notes that come and go above the composer, and what only screen readers hear.

import { el } from "./element.js";
import { words } from "./words.js";

const SHOWN_MS = 4000;

// Show `text` for a moment; an alert stays until it is dismissed, as in Telegram.
export function toast(text, isAlert = false) {
  if (isAlert) return alertBox(text);
  const note = el("div", { class: "toast", role: "status", text });
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), SHOWN_MS);
}

// Say what went wrong with a request.
export function complain(error) {
  toast(words("failed", { why: error.message }));
}

// Tell screen readers; nothing is seen.
export function announce(text) {
  document.getElementById("announcer").textContent = text;
}

function alertBox(text) {
  const close = el("button", { type: "button", class: "plain", text: "OK", on: { click: () => box.close() } });
  const box = el("dialog", { class: "box", on: { close: () => box.remove() } }, el("p", { text }), close);
  document.body.append(box);
  box.showModal();
}
