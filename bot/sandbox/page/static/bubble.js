// One message: its bubble, what it answers, its buttons, and what can be done with it.

import { avatar, birdAvatar, el, icon, iconButton } from "./element.js";
import { copyButton, link, richText } from "./entities.js";
import { file, pictures, pictureWidth, thumb } from "./files.js";
import { messagePreview } from "./chats.js";
import { plainText } from "./plain.js";
import { richMessage } from "./rich.js";
import { fullName, stopButton } from "./store.js";
import { clockTime, words } from "./words.js";

// Make the row of `message` and of what was sent together with it. `actions` has reply, mend, inspect, press,
// command, enlarge and show; `before` is what the message said until now, so that only what is new fades in.
export function messageRow(store, place, message, actions, before) {
  const isMine = store.isMine(place, message);
  const isBot = Boolean(message.from?.is_bot);
  const props = {
    class: ["row", isMine ? "mine" : "theirs", isBot ? "from-bot" : "", stopButton(message) ? "growing" : ""].join(" ").trim(),
    "data-id": message.message_id,
    "data-from": message.from?.id,
    "data-date": message.date,
  };
  const isGroup = place.chat.type !== "private";
  const together = store.together(place, message);
  const stack = el("div", { class: "stack" }, bubble(store, place, message, actions, before), keyboard(store, place, message, actions));
  const width = pictureWidth(together);
  if (width !== null) stack.style.setProperty("--width", `${width}px`);
  return el("li", props, isGroup && !isMine ? face(message) : null, stack, tools(store, place, teller(together), actions));
}

// Which of the messages sent together has the caption.
function teller(together) {
  return together.find((message) => plainText(message)) ?? together[0];
}

// The answer so far where nothing was sent yet: a native draft, with its own button to stop it.
export function draftRow(draft, actions) {
  const note = el("div", { class: "meta", title: words("draftNote") }, icon("pen"));
  const text = el("article", { class: "bubble", "aria-label": words("draftNote") }, draftText(draft, actions), note);
  const props = { class: `row theirs from-bot draft ${draft.is_stopped ? "stopped" : "growing"}`, "data-draft": draft.draft_id };
  return el("li", props, el("div", { class: "stack" }, text, draft.can_stop ? draftStop(actions) : null));
}

function draftText(draft, actions) {
  const end = draft.is_stopped ? null : caret();
  if (draft.rich_message) return el("div", { class: "text" }, richMessage(draft.rich_message, { onCommand: actions.command }), end);
  if (!draft.text) return el("div", { class: "text thinking", text: words("thinking") }, dots());
  const freshFrom = commonPrefix(draft.was, draft.text);
  return el("div", { class: "text" }, richText(draft.text, draft.entities, { freshFrom, onCommand: actions.command }), end);
}

function draftStop(actions) {
  const key = el("button", { type: "button", class: "key stop-draft", on: { click: actions.stopDraft } }, icon("stop"), el("span", { text: words("stopDraft") }));
  return el("div", { class: "inline-keys" }, el("div", {}, key));
}

// Three dots: somebody types, and nothing can be read yet.
export function typingRow(store, place) {
  const doing = store.doing(place);
  const sign = { sendingPhoto: "picture", sendingFile: "page" }[doing];
  const note = words(doing, { bot: store.bot.first_name });
  const inside = [sign ? icon(sign) : null, dots()];
  return el("li", { class: `row theirs typing ${doing}` }, el("div", { class: "bubble", "aria-label": note, role: "img" }, ...inside));
}

function caret() {
  return el("span", { class: "caret", "aria-hidden": "true" });
}

function dots() {
  return el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
}

function bubble(store, place, message, actions, before) {
  const together = store.together(place, message);
  const told = teller(together);
  const shown = pictures(together, actions.enlarge);
  const foot = meta(store, place, told, actions);
  const label = words("messageFrom", { name: message.from ? fullName(message.from) : "", time: clockTime(message.date) });
  return el(
    "article",
    { class: ["bubble", shown ? "pictured" : "", plainText(told) ? "told" : ""].join(" ").trim(), tabindex: "-1", "aria-label": label },
    author(place, message),
    quote(message, actions),
    shown,
    ...together.map(file),
    el("div", { class: "text", dir: "auto" }, body(told, actions, before), stopButton(message) ? caret() : null, roomFor(foot)),
    foot,
  );
}

function author(place, message) {
  if (place.chat.type === "private" || !message.from) return null;
  const hue = message.from.is_bot ? "bird" : `hue-${Math.abs(message.from.id) % 7}`;
  return el("div", { class: `author ${hue}`, text: fullName(message.from) });
}

function quote(message, actions) {
  const answered = message.reply_to_message;
  if (!answered || answered.forum_topic_created) return null;
  const lines = [thumb(answered), el("b", { text: answered.from ? fullName(answered.from) : "" }), el("span", { text: messagePreview(answered) })];
  return el("button", { type: "button", class: "quote", on: { click: () => actions.show(answered.message_id) } }, ...lines);
}

function body(message, actions, before) {
  if (message.rich_message) return richMessage(message.rich_message, { onCommand: actions.command });
  const text = message.text ?? message.caption ?? "";
  const isGrowth = before !== undefined && message.from?.is_bot;
  const freshFrom = isGrowth ? commonPrefix(before.text ?? "", text) : Infinity;
  return richText(text, message.entities ?? message.caption_entities, { freshFrom, onCommand: actions.command });
}

function meta(store, place, message, actions) {
  const isEdited = message.edit_date && !store.hasGrown(place, message);
  const info = el("button", {
    type: "button", class: "info", title: words("inspect"), "aria-label": words("inspect"),
    on: { click: () => actions.inspect(message) },
  }, icon("info"));
  return el(
    "div",
    { class: "meta" },
    isEdited ? el("span", { text: words("edited") }) : null,
    el("time", { datetime: new Date(message.date * 1000).toISOString(), text: clockTime(message.date) }),
    store.traceOf(place, message) ? info : null,
    message.from?.is_bot ? null : icon("ticks"),
  );
}

// Keeps the last line of the text clear of the time, which lies in the corner.
function roomFor(foot) {
  const icons = foot.querySelectorAll(".icon").length;
  return el("span", { class: `room icons-${icons}`, "aria-hidden": "true", "data-text": foot.textContent });
}

function face(message) {
  return message.from?.is_bot ? birdAvatar("small") : avatar(fullName(message.from), message.from.id, "small");
}

function tools(store, place, message, actions) {
  const text = store.traceOf(place, message) ? actions.markdownOf(message) : plainText(message);
  const reply = iconButton("reply", words("reply"), () => actions.reply(message), { tabindex: "-1" });
  const mend = () => iconButton("pen", words("edit"), () => actions.mend(message), { tabindex: "-1" });
  const copy = text ? copyButton(text) : null;
  copy?.setAttribute("tabindex", "-1");
  return el("div", { class: "tools" }, reply, store.canEdit(place, message) ? mend() : null, copy);
}

function keyboard(store, place, message, actions) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  return el("div", { class: "inline-keys" }, ...rows.map((row) => el("div", {}, ...row.map((key) => inlineKey(store, place, message, key, actions)))));
}

function inlineKey(store, place, message, key, actions) {
  if (key.url) return linkKey(key);
  const isWaiting = store.isPressed(place.chatId, message, key);
  const press = ({ detail: clicks }) => (actions.press(message, key), clicks && actions.backToWriting()); // The keyboard stays at the key.
  return el("button", { type: "button", class: isWaiting ? "key waiting" : "key", disabled: Boolean(key.disabled), on: { click: press } }, el("span", { text: key.text }));
}

function linkKey({ url, text }) {
  const key = link(url);
  key.className = "key";
  key.textContent = text;
  return key;
}

// How many characters both texts begin with, never inside a surrogate pair.
function commonPrefix(before, after) {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at += 1;
  return at > 0 && /[\uD800-\uDBFF]/.test(after[at - 1]) ? at - 1 : at;
}
