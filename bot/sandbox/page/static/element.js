// Building elements without markup in strings: whatever people or models write stays text.

const SVG = "http://www.w3.org/2000/svg";

// Make an element. `on` holds listeners, `text` the text, true and false switch attributes, the rest is set as is.
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) put(node, name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function put(node, name, value) {
  if (name === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
  else if (name === "text") node.textContent = value;
  else if (value === true) node.setAttribute(name, "");
  else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
}

// An icon of the sprite in index.html; decoration only, the button beside it carries the words.
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

// A round button that shows an icon and says its name to those who cannot see it.
export function iconButton(name, label, onClick, props = {}) {
  return el("button", { type: "button", class: "round", title: label, "aria-label": label, on: { click: onClick }, ...props }, icon(name));
}

// A circle with initials; the colour follows from the id, so a person keeps theirs.
export function avatar(name, id, extra = "") {
  const hue = Math.abs(Number(id)) % 7;
  return el("span", { class: `avatar hue-${hue} ${extra}`, "aria-hidden": "true", text: initials(name) });
}

// The bot's own picture.
export function birdAvatar(extra = "") {
  return el("span", { class: `avatar bird ${extra}`, "aria-hidden": "true" }, icon("bird"));
}

function initials(name) {
  const words = name.trim().split(/\s+/).slice(0, 2);
  return words.map((word) => [...word][0] ?? "").join("").toUpperCase();
}
