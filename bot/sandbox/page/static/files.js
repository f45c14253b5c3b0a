// Pictures and files that were sent.

import { el, icon } from "./element.js";
import { language, words } from "./words.js";

const UNITS = ["byte", "kilobyte", "megabyte"];

// The picture of a message; null if it has none.
export function picture(message) {
  const largest = message.photo?.at(-1);
  if (!largest) return null;
  const size = { width: largest.width, height: largest.height };
  return el("img", { class: "picture", src: address(largest), alt: message.caption ?? words("photo"), ...size });
}

// The file of a message, to be downloaded under its own name; null if it has none.
export function file({ document: sent }) {
  if (!sent) return null;
  const name = sent.file_name ?? words("file");
  const size = sent.file_size === undefined ? "" : fileSize(sent.file_size);
  return el(
    "a",
    { class: "file", href: address(sent), download: name, "aria-label": words("download", { name, size }) },
    el("span", { class: "file-icon" }, icon("file")),
    el("span", { class: "file-name", text: name }),
    el("span", { class: "file-size", text: size }),
  );
}

// 10.2 kB, as the reader writes it.
export function fileSize(bytes) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const style = { style: "unit", unit: UNITS[power], unitDisplay: power ? "short" : "long", maximumFractionDigits: 1 };
  return new Intl.NumberFormat(language, style).format(bytes / 1000 ** power);
}

function address({ file_id: id }) {
  return `files/${encodeURIComponent(id)}`;
}
