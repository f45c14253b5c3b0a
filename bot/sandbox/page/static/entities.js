// Text with MessageEntity marks becomes elements. Offsets are UTF-16 units, which is how JS indexes strings.

import { el, icon } from "./element.js";
import { highlighted } from "./highlight.js";
import { words } from "./words.js";

const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code" };
const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);
const SAFE_LINK = /^(https?|tg|mailto|tel):/i;

// Render `text`; what lies behind `freshFrom` fades in, `onCommand` hears clicks on /commands.
export function richText(text, entities = [], { freshFrom = Infinity, onCommand = () => {} } = {}) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const context = { text, freshFrom, onCommand };
  return fill(document.createDocumentFragment(), 0, text.length, sorted, context);
}

function fill(parent, from, to, entities, context) {
  let at = from;
  let index = 0;
  while (index < entities.length) {
    const entity = entities[index];
    const end = Math.min(entity.offset + entity.length, to);
    let next = index + 1;
    while (next < entities.length && entities[next].offset < end) next += 1;
    if (entity.offset >= at && end > entity.offset) {
      parent.append(...plain(at, entity.offset, context));
      parent.append(marked(entity, entity.offset, end, entities.slice(index + 1, next), context));
      at = BLOCKS.has(entity.type) && context.text[end] === "\n" ? end + 1 : end;
    }
    index = next;
  }
  parent.append(...plain(at, to, context));
  return parent;
}

function plain(from, to, { text, freshFrom }) {
  if (from >= to) return [];
  if (freshFrom >= to) return [text.slice(from, to)];
  const cut = Math.max(from, freshFrom);
  return [text.slice(from, cut), el("span", { class: "fresh", text: text.slice(cut, to) })];
}

function marked(entity, from, to, inner, context) {
  const whole = context.text.slice(from, to);
  if (entity.type === "pre") return codeBlock(whole, entity.language ?? "");
  const node = shell(entity, whole, context);
  return fill(node, from, to, inner, context);
}

function shell(entity, whole, { onCommand }) {
  switch (entity.type) {
    case "bold": case "italic": case "underline": case "strikethrough": case "code":
      return el(TAGS[entity.type]);
    case "spoiler":
      return spoiler();
    case "blockquote":
      return el("blockquote");
    case "expandable_blockquote":
      return expandable();
    case "text_link": case "url": case "email": case "phone_number":
      return link(address(entity, whole));
    case "bot_command":
      return el("button", { type: "button", class: "link", on: { click: () => onCommand(whole) } });
    default:
      return el("span", { class: entity.type === "custom_emoji" ? "" : "link" });
  }
}

function address(entity, whole) {
  switch (entity.type) {
    case "text_link": return entity.url;
    case "email": return `mailto:${whole}`;
    case "phone_number": return `tel:${whole}`;
    default: return SAFE_LINK.test(whole) ? whole : `https://${whole}`;
  }
}

// An empty link to `url`; a mere span if that is no address to open.
export function link(url) {
  if (!SAFE_LINK.test(url)) return el("span");
  return el("a", { class: "link", href: url, target: "_blank", rel: "noopener noreferrer", title: url });
}

// An empty place whose text is hidden until it is pressed.
export function spoiler() {
  const node = el("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": words("spoiler") });
  const reveal = (event) => {
    if (node.classList.contains("shown") || (event.type === "keydown" && event.key !== "Enter")) return;
    event.stopPropagation();
    node.classList.add("shown");
    for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
  };
  node.addEventListener("click", reveal);
  node.addEventListener("keydown", reveal);
  return node;
}

// An empty quote that shows its first lines only, until it is pressed.
export function expandable() {
  const button = el("button", { type: "button", class: "unfold", "aria-expanded": "false", "aria-label": words("unfold"), title: words("unfold") }, icon("down"));
  const node = el("blockquote", { class: "expandable folded" }, button);
  node.addEventListener("click", (event) => {
    if (event.target.closest("a, button:not(.unfold), .spoiler:not(.shown)") || !getSelection().isCollapsed) return;
    fold(node, !node.classList.contains("folded"));
  });
  return node;
}

function fold(quote, isFolded) {
  quote.classList.toggle("folded", isFolded);
  quote.querySelector(".unfold").setAttribute("aria-expanded", String(!isFolded));
}

// Leave open in `after` whatever was open in `before`: the same message, drawn anew.
export function keepUnfolded(before, after) {
  const quotes = after.querySelectorAll("blockquote.expandable");
  [...before.querySelectorAll("blockquote.expandable")].forEach((quote, index) => {
    if (quotes[index]) fold(quotes[index], quote.classList.contains("folded"));
  });
}

// Code with its language, in colours, and a button to copy it.
export function codeBlock(code, language) {
  const head = el("span", { class: "code-head" }, el("span", { text: language || "code" }), copyButton(code));
  return el("span", { class: "code" }, head, el("pre", {}, el("code", {}, highlighted(code, language))));
}

// A small button that copies `text` and says that it did.
export function copyButton(text) {
  const button = el("button", { type: "button", class: "copy", title: words("copy"), "aria-label": words("copy") }, icon("copy"));
  button.addEventListener("click", async (event) => {
    event.stopPropagation();
    await navigator.clipboard.writeText(text);
    button.classList.add("done");
    button.setAttribute("aria-label", words("copied"));
    setTimeout(() => button.classList.remove("done"), 1500);
  });
  return button;
}
