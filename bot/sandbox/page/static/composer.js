// Where a person writes: the text, who speaks, what it answers or mends, commands, reply keyboards, and the stop button.

import { avatar, el, iconButton } from "./element.js";
import { messagePreview } from "./chats.js";
import { Menu } from "./menu.js";
import { fullName } from "./store.js";
import { words } from "./words.js";

const MAX_CHARACTERS = 4096;
const MAX_HEIGHT_PX = 220;

export class Composer {
  // `parts` are elements of index.html: form, text, send, stop, slash, answering, speakers, keys, menu.
  constructor(parts, store, actions) {
    Object.assign(this, { parts, store, actions });
    this.replyTo = null;
    this.edited = null; // the message whose text is being changed
    this.aside = ""; // what was typed before that began
    this.texts = new Map(); // place key -> what was typed there and not sent
    this.atKey = null;
    this.used = new Set(); // one-time keyboards that were used
    this.menu = new Menu(parts.menu, parts.text, (entry) => this.complete(entry));
    this.wire();
  }

  wire() {
    const { form, text, stop, slash } = this.parts;
    form.addEventListener("submit", (event) => (event.preventDefault(), this.send()));
    text.addEventListener("keydown", (event) => this.key(event));
    text.addEventListener("input", () => this.typed());
    stop.addEventListener("click", () => this.actions.stop());
    slash.addEventListener("click", () => this.toggleCommands());
    for (const what of ["state", "open", "places"]) this.store.on(what, () => this.draw());
    this.store.on("deleted", ({ messageId }) => this.edited?.message_id === messageId && this.edit(null));
    for (const what of ["message", "deleted"]) this.store.on(what, () => (this.drawStop(), this.drawKeys()));
    this.store.on("live", () => this.drawStop());
    setInterval(() => this.drawStop(), 1000);
  }

  draw() {
    const place = this.store.here;
    if (!place) return;
    if (place.key !== this.atKey) this.move(place.key);
    const isGroup = place.chat.type !== "private";
    this.parts.text.placeholder = isGroup ? words("writeGroup", { bot: this.store.bot.username }) : words("write");
    this.drawSpeakers(place);
    this.drawAnswering();
    this.drawKeys();
    this.drawStop();
    this.fit();
  }

  move(key) {
    if (this.atKey) this.texts.set(this.atKey, this.edited ? this.aside : this.parts.text.value);
    this.atKey = key;
    this.parts.text.value = this.texts.get(key) ?? "";
    this.replyTo = null;
    this.edited = null;
    this.menu.hide();
  }

  // Who speaks matters only where several people can.
  drawSpeakers(place) {
    const people = place.chat.members.map((id) => this.store.people.get(id)).filter(Boolean);
    const speaker = this.store.speaker(place);
    const faces = people.map((person) => {
      const label = words("speakAs", { name: fullName(person) });
      const isChosen = person === speaker;
      const props = { type: "button", class: "face", title: label, "aria-label": label, "aria-pressed": String(isChosen) };
      return el("button", { ...props, on: { click: () => this.speakAs(person) } }, avatar(fullName(person), person.user_id, "small"));
    });
    this.parts.speakers.replaceChildren(...(people.length > 1 ? faces : []));
  }

  speakAs(person) {
    this.store.speakAs(person.user_id);
    this.focus();
  }

  drawAnswering() {
    const { answering } = this.parts;
    const meant = this.edited ?? this.replyTo;
    answering.hidden = meant === null;
    if (meant === null) return;
    const title = this.edited ? words("editing") : words("replyTo", { name: meant.from ? fullName(meant.from) : "" });
    const lines = el("p", {}, el("b", { text: title }), el("span", { text: messagePreview(meant) }));
    answering.replaceChildren(lines, iconButton("close", words(this.edited ? "cancelEdit" : "cancelReply"), () => this.leave()));
  }

  drawStop() {
    const place = this.store.here;
    const isLive = Boolean(place && (this.store.growing(place) || this.store.drafting(place) || this.store.isTyping(place)));
    this.parts.stop.hidden = !isLive;
  }

  // The keyboard that the bot asked to show, until it is removed or, if meant for once, used.
  drawKeys() {
    const place = this.store.here;
    const latest = place && this.store.messagesOf(place).findLast(changesKeyboard);
    const markup = latest?.reply_markup;
    const isShown = markup?.keyboard && !(markup.one_time_keyboard && this.used.has(latest.message_id));
    const press = (key) => () => (this.used.add(latest.message_id), this.say(key.text ?? key));
    const key = (each) => el("button", { type: "button", class: "key", text: each.text ?? each, on: { click: press(each) } });
    this.parts.keys.replaceChildren(...(isShown ? markup.keyboard.map((row) => el("div", {}, ...row.map(key))) : []));
  }

  reply(message) {
    if (this.edited) this.edit(null);
    this.replyTo = message;
    this.drawAnswering();
    this.focus();
  }

  // Take the text of a message into the line; what was typed there comes back afterwards. Null: leave it.
  edit(message) {
    const { text } = this.parts;
    if (!this.edited) this.aside = text.value;
    this.edited = message;
    this.replyTo = null;
    text.value = message ? message.text : this.aside;
    this.menu.hide();
    this.drawAnswering();
    this.fit();
    this.focus();
  }

  leave() {
    if (this.edited) this.edit(null);
    else this.reply(null);
  }

  focus() {
    this.parts.text.focus();
  }

  key(event) {
    if (this.menu.key(event)) return;
    const { text } = this.parts;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.send();
    } else if (event.key === "Escape") this.leave();
    else if (event.key === "ArrowUp" && !event.altKey && text.value === "") {
      event.preventDefault();
      this.actions.lastMessage();
    }
  }

  typed() {
    this.fit();
    this.menu.offer(this.suggestions());
  }

  // What fits to the word before the caret: commands after a slash, the bot's name after an @.
  suggestions() {
    const { text } = this.parts;
    const before = text.value.slice(0, text.selectionStart);
    if (/^\/\w*$/.test(before)) return this.commands().filter(({ fill }) => fill.startsWith(before.toLowerCase()));
    const at = before.match(/(?:^|\s)(@\w*)$/)?.[1];
    const name = `@${this.store.bot.username}`;
    return at && name.toLowerCase().startsWith(at.toLowerCase()) ? [{ fill: name, replaces: at, note: this.store.bot.first_name }] : [];
  }

  commands() {
    return this.store.commandsOf(this.store.here).map(({ command, description }) => ({ fill: `/${command}`, note: description }));
  }

  toggleCommands() {
    if (this.menu.isShown) this.menu.hide();
    else this.menu.offer(this.commands());
    this.focus();
  }

  // A command goes off at once, as in Telegram; a name is written into the text.
  complete({ fill, replaces }) {
    if (!replaces) return this.say(fill);
    const { text } = this.parts;
    const caret = text.selectionStart;
    text.setRangeText(`${fill} `, caret - replaces.length, caret, "end");
    this.focus();
  }

  send() {
    const text = this.parts.text.value.trim();
    if (text && this.edited) this.mend(text);
    else if (text) this.say(text);
  }

  mend(text) {
    if (text !== this.edited.text) this.actions.edit(this.edited, text);
    this.edit(null);
  }

  say(text) {
    if (this.edited) this.edit(null);
    this.menu.hide();
    this.actions.say(text.slice(0, MAX_CHARACTERS), this.replyTo?.message_id ?? null);
    this.parts.text.value = "";
    this.texts.delete(this.atKey);
    this.reply(null);
    this.fit();
    this.drawKeys();
  }

  fit() {
    const { text } = this.parts;
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight, MAX_HEIGHT_PX)}px`;
  }
}

function changesKeyboard({ reply_markup: markup }) {
  return Boolean(markup && (markup.keyboard || markup.remove_keyboard));
}
