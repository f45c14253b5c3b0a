// Rich messages: blocks of text, tables, code, lists, formulas (as they are written), quotes and details.

import { el } from "./element.js";
import { codeBlock, expandable, link, spoiler } from "./entities.js";
import { plain } from "./plain.js";
import { words } from "./words.js";

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", marked: "mark", subscript: "sub",
  superscript: "sup", reference_link: "sup",
};

// Render a RichMessage; `onCommand` hears clicks on /commands.
export function richMessage({ blocks, is_rtl: isRtl }, { onCommand = () => {} } = {}) {
  return el("div", { class: "rich", dir: isRtl ? "rtl" : "auto" }, ...blocks.map((each) => block(each, onCommand)));
}

function block(each, onCommand) {
  const own = () => inline(each.text ?? "", onCommand);
  const inner = () => (each.blocks ?? []).map((one) => block(one, onCommand));
  switch (each.type) {
    case "heading":
      return el("p", { class: `heading size-${each.size}`, role: "heading", "aria-level": each.size }, own());
    case "pre": return codeBlock(plain(each.text), each.language ?? "");
    case "divider": return el("hr");
    case "mathematical_expression": return formula(each.expression, "block");
    case "list": return list(each, onCommand);
    case "table": return table(each, onCommand);
    case "blockquote": return el("blockquote", {}, ...inner(), credit(each, onCommand));
    case "expandable_blockquote": return filled(expandable(), own(), credit(each, onCommand));
    case "pullquote": return el("blockquote", { class: "pull" }, own(), credit(each, onCommand));
    case "details":
      return el("details", { open: Boolean(each.is_open) }, el("summary", {}, inline(each.summary, onCommand)), ...inner());
    case "thinking": return el("p", { class: "thinking" }, own());
    case "footer": return el("p", { class: "footer" }, own());
    case "paragraph": return el("p", {}, own());
    case "anchor": return null;
    default: return el("p", { class: "faint", text: words("notShown", { kind: each.type }) });
  }
}

function list({ items }, onCommand) {
  const rows = items.map((item) => el("li", {}, mark(item), el("div", {}, ...item.blocks.map((one) => block(one, onCommand)))));
  return el("ul", { class: "items" }, ...rows);
}

function mark(item) {
  if (!item.has_checkbox) return el("span", { class: "label", text: item.label });
  const label = words(item.is_checked ? "checked" : "unchecked");
  return el("span", { class: "label", role: "img", "aria-label": label, text: item.is_checked ? "☑" : "☐" });
}

function table({ cells, caption }, onCommand) {
  const rows = cells.map((row) => el("tr", {}, ...row.map((each) => cell(each, onCommand))));
  const title = caption ? el("caption", {}, inline(caption, onCommand)) : null;
  return el("div", { class: "table", tabindex: "0", role: "region", "aria-label": words("table") }, el("table", {}, title, el("tbody", {}, ...rows)));
}

function cell(each, onCommand) {
  const props = { class: each.align, colspan: each.colspan, rowspan: each.rowspan };
  return el(each.is_header ? "th" : "td", props, inline(each.text ?? "", onCommand));
}

function credit(each, onCommand) {
  return each.credit ? el("cite", {}, inline(each.credit, onCommand)) : null;
}

function formula(expression, extra = "") {
  return el("code", { class: `formula ${extra}`.trim(), text: expression });
}

function inline(text, onCommand) {
  if (typeof text === "string") return document.createTextNode(text);
  if (Array.isArray(text)) return filled(document.createDocumentFragment(), ...text.map((each) => inline(each, onCommand)));
  if (text.type === "mathematical_expression") return formula(text.expression);
  return filled(shell(text, onCommand), inline(text.text ?? "", onCommand));
}

function shell(text, onCommand) {
  switch (text.type) {
    case "spoiler": return spoiler();
    case "url": return link(text.url);
    case "email_address": return link(`mailto:${text.email_address}`);
    case "bot_command":
      return el("button", { type: "button", class: "link", on: { click: () => onCommand(plain(text)) } });
    case "mention": case "hashtag": case "cashtag":
      return el("span", { class: "link" });
    default:
      return el(TAGS[text.type] ?? "span");
  }
}

function filled(node, ...children) {
  node.append(...children.filter(Boolean));
  return node;
}
