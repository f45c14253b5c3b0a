// Quiet colours for code: comments, strings, numbers and the words most languages reserve. No grammar, no promise.
// Code of no named language stays as it is: it may be a table or a letter.

import { el } from "./element.js";

const RESERVED = (
  "abstract and as assert async await break case catch class const continue def default del do elif else enum " +
  "except export extends False false final finally fn for from func function global go if impl implements import " +
  "in interface is lambda let match mod mut namespace new None nil not null of or package pass private protected " +
  "pub public raise return self select static struct super switch this throw trait True true try type typeof use " +
  "using var void where while with yield SELECT FROM WHERE INSERT INTO UPDATE DELETE CREATE TABLE JOIN ON GROUP BY " +
  "ORDER LIMIT VALUES SET AND OR NOT NULL AS"
).split(" ").join("|");

const HASH_COMMENTS = new Set(["python", "py", "bash", "sh", "yaml", "yml", "toml", "ruby", "rb", "makefile", "dockerfile"]);
const PARTS = "(?<string>\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\\\n])*'|`(?:\\\\.|[^`\\\\])*`)" +
  "|(?<number>\\b\\d[\\w.]*\\b)" +
  `|(?<word>\\b(?:${RESERVED})\\b)`;
const SLASHED = new RegExp(`(?<comment>//[^\\n]*|/\\*[\\s\\S]*?\\*/|--[^\\n]*)|${PARTS}`, "g");
const HASHED = new RegExp(`(?<comment>#[^\\n]*)|${PARTS}`, "g");
const PLAIN = new Set(["", "text", "txt", "markdown", "md", "plaintext"]);

// Return `code` as text and coloured spans.
export function highlighted(code, language) {
  const parts = document.createDocumentFragment();
  const name = language.toLowerCase();
  let at = 0;
  for (const found of PLAIN.has(name) ? [] : code.matchAll(HASH_COMMENTS.has(name) ? HASHED : SLASHED)) {
    const [kind] = Object.entries(found.groups).find(([, value]) => value !== undefined);
    parts.append(code.slice(at, found.index), el("span", { class: `tok-${kind}`, text: found[0] }));
    at = found.index + found[0].length;
  }
  parts.append(code.slice(at));
  return parts;
}
