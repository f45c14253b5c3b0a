// What a message says, without its looks.

// The text of a message, a caption, or what can be read in a rich message; empty for a mere picture or file.
export function plainText(message) {
  if (message.rich_message) return message.rich_message.blocks.map(plainBlock).filter(Boolean).join("\n\n");
  return message.text ?? message.caption ?? "";
}

function plainBlock(block) {
  switch (block.type) {
    case "list": return block.items.map((item) => `${item.label} ${item.blocks.map(plainBlock).join("\n")}`).join("\n");
    case "table": return block.cells.map((row) => row.map((cell) => plain(cell.text ?? "")).join(" | ")).join("\n");
    case "mathematical_expression": return block.expression;
    default: return [plain(block.summary ?? ""), plain(block.text ?? ""), ...(block.blocks ?? []).map(plainBlock)].filter(Boolean).join("\n");
  }
}

// A RichText as a string.
export function plain(text) {
  if (typeof text === "string") return text;
  if (Array.isArray(text)) return text.map(plain).join("");
  return text.expression ?? plain(text.text ?? "");
}
