// Where a person writes: the text, photos and files, who speaks, what it answers or mends, commands, reply
// keyboards, and the stop button.

import { avatar, el, iconButton } from "./element.js";
import { messagePreview } from "./chats.js";
import { thumb } from "./files.js";
import { Menu } from "./menu.js";
import { fullName } from "./store.js";
import { toast } from "./toast.js";
import { Tray } from "./tray.js";
import { words } from "./words.js";

const MAX_CHARACTERS = 4096;
const MAX_CAPTION = 1024;
const MAX_HEIGHT_PX = 220;

export class Composer {
  // `parts` are elements of index.html: form, text, send, stop, slash, answering, speakers, keys, menu, tray, attach, picker.
  constructor(parts, store, actions) {
    Object.assign(this, { parts, store, actions });
    this.replyTo = null;
    this.edited = null; // the message whose text is being changed
    this.aside = ""; // what was typed before that began
    this.reading = null; // resolves when what was just attached is in the tray
    this.texts = new Map(); // place key -> what was typed there and not sent
    this.atKey = null;
    this.used = new Set(); // one-time keyboards that were used
    this.menu = new Menu(parts.menu, parts.text, (entry) => this.complete(entry));
    this.tray = new Tray(parts.tray, { onChange: () => this.trayChanged(), onEmptied: () => this.actions.backToWriting() });
    this.wire();
  }

  wire() {
    const { form, text, stop, slash, attach, picker } = this.parts;
    form.addEventListener("submit", (event) => (event.preventDefault(), this.send()));
    text.addEventListener("keydown", (event) => this.key(event));
    text.addEventListener("input", () => this.typed());
    stop.addEventListener("click", () => this.actions.stop());
    slash.addEventListener("click", () => this.toggleCommands());
    attach.addEventListener("click", () => picker.click());
    picker.addEventListener("change", () => (this.attach([...picker.files]), (picker.value = "")));
    document.addEventListener("paste", (event) => this.paste(event));
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
    this.drawInvitation(place);
    this.drawSpeakers(place);
    this.drawAnswering();
    this.drawKeys();
    this.drawStop();
    this.fit();
  }

  drawInvitation(place) {
    const isGroup = place.chat.type !== "private";
    const invitation = isGroup ? words("writeGroup", { bot: this.store.bot.username }) : words("write");
    this.parts.text.placeholder = this.tray.isEmpty ? invitation : words("caption");
  }

  move(key) {
    if (this.atKey) this.texts.set(this.atKey, this.edited ? this.aside : this.parts.text.value);
    this.atKey = key;
    this.parts.text.value = this.texts.get(key) ?? "";
    this.replyTo = null;
    this.edited = null;
    this.menu.hide();
    this.tray.move(key);
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
    answering.replaceChildren(thumb(meant) ?? "", lines, iconButton("close", words(this.edited ? "cancelEdit" : "cancelReply"), () => this.leave()));
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
    text.value = message ? (message.text ?? message.caption ?? "") : this.aside;
    this.menu.hide();
    this.drawAnswering();
    this.fit();
    this.focus();
  }

  leave() {
    if (this.edited) this.edit(null);
    else if (this.replyTo || this.tray.isEmpty) this.reply(null);
    else this.tray.clear();
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

  // Text that was copied with its looks has a picture of itself, which nobody wants to send.
  paste(event) {
    const { files, types } = event.clipboardData;
    const isProse = types.includes("text/plain") && types.includes("text/html");
    if (files.length === 0 || isProse || event.target.closest?.("dialog")) return;
    event.preventDefault();
    this.attach([...files]);
  }

  async attach(files) {
    if (this.edited) this.edit(null);
    this.reading = this.tray.add(files);
    await this.reading;
    this.reading = null;
    this.actions.backToWriting();
  }

  trayChanged() {
    if (this.store.here?.chat) this.drawInvitation(this.store.here);
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

  // A command goes off at once, as in Telegram; a name is written into the text, and so is a command in a caption.
  complete({ fill, replaces }) {
    if (!replaces && this.tray.isEmpty) return this.say(fill);
    const { text } = this.parts;
    const caret = text.selectionStart;
    text.setRangeText(`${fill} `, replaces ? caret - replaces.length : 0, caret, "end");
    this.focus();
  }

  send() {
    if (this.reading) return this.reading.then(() => this.send());
    const text = this.parts.text.value.trim();
    if (text && this.edited) this.mend(text);
    else if (!this.edited && !this.tray.isEmpty) this.ship(text);
    else if (text) this.say(text);
  }

  // What could not be sent comes back.
  async ship(caption) {
    if ([...caption].length > MAX_CAPTION) return toast(words("captionTooLong", { count: MAX_CAPTION }));
    const key = this.atKey;
    const load = this.tray.take();
    const left = () => [...load.photos, ...load.files];
    const count = left().length;
    const sending = this.actions.ship(load, caption, this.replyTo?.message_id ?? null);
    this.menu.hide();
    this.empty();
    if (await sending) return;
    this.tray.put(key, left());
    if (left().length === count && this.atKey === key && !this.parts.text.value) this.parts.text.value = caption;
  }

  mend(text) {
    if (text !== (this.edited.text ?? this.edited.caption)) this.actions.edit(this.edited, text);
    this.edit(null);
  }

  say(text) {
    if (this.edited) this.edit(null);
    this.menu.hide();
    this.actions.say(text.slice(0, MAX_CHARACTERS), this.replyTo?.message_id ?? null);
    this.empty();
    this.drawKeys();
  }

  empty() {
    this.parts.text.value = "";
    this.texts.delete(this.atKey);
    this.reply(null);
    this.fit();
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
