// The messages of the open chat: rows, days between them, and staying at the end while an answer grows.

import { draftRow, messageRow, typingRow } from "./bubble.js";
import { messagePreview } from "./chats.js";
import { el, icon } from "./element.js";
import { keepUnfolded } from "./entities.js";
import { plainText } from "./plain.js";
import { fullName, isSeen, stopButton } from "./store.js";
import { swipeable } from "./swipe.js";
import { announce } from "./toast.js";
import { dayName, language, words } from "./words.js";

const NEAR_END_PX = 90;

export class Feed {
  // `frame` scrolls, `list` holds the rows, `down` is the button that leads to the end.
  constructor({ frame, list, live, down }, store, actions) {
    Object.assign(this, { frame, list, live, down, store, actions });
    this.missed = 0;
    for (const what of ["state", "open"]) store.on(what, () => this.rebuild());
    store.on("message", (news) => this.take(news));
    store.on("deleted", () => this.rebuild(false));
    store.on("live", () => this.drawLive());
    store.on("trace", (trace) => this.redraw(trace.message_ids));
    store.on("choose", () => this.markChosen());
    for (const what of ["prompts", "used"]) store.on(what, () => this.list.querySelector(".nothing") && this.rebuild());
    this.sticks = true; // whether the end stays in view when the room for messages shrinks
    this.height = 0; // of that room
    frame.addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => this.resized()).observe(frame);
    down.addEventListener("click", () => this.toEnd(true));
    list.addEventListener("keydown", (event) => this.walk(event));
    list.addEventListener("dblclick", (event) => this.replyTo(event));
    swipeable(list, (row) => this.actions.reply(this.messageOf(row)));
    list.addEventListener("click", (event) => this.chooseAnswer(event));
    setInterval(() => this.drawLive(), 1000);
  }

  rebuild(toEnd = true) {
    const place = this.store.here;
    if (!place) return;
    const rows = this.store.messagesOf(place).filter((message) => this.head(message) === message).map((message) => messageRow(this.store, place, message, this.actions));
    this.list.replaceChildren(...(rows.length ? rows : [this.nothing()]));
    this.arrange();
    this.drawLive();
    this.markChosen();
    if (toEnd) this.toEnd();
  }

  take({ place, message, before }) {
    if (place !== this.store.here || !isSeen(message)) return;
    const wasAtEnd = this.isAtEnd();
    const head = this.head(message);
    if (before || head !== message) this.replace(head, head === message ? before : undefined);
    else this.add(place, message);
    this.speak(message, before);
    if (wasAtEnd || (!before && this.store.isMine(place, message))) this.toEnd();
    else if (!before && head === message) this.missed += 1;
    this.drawDown();
  }

  // The first of what was sent together: its row shows all of it.
  head(message) {
    return this.store.together(this.store.here, message)[0];
  }

  add(place, message) {
    this.list.querySelector(".nothing")?.remove();
    const row = messageRow(this.store, place, message, this.actions);
    row.classList.add("new");
    this.list.append(row);
    this.arrange();
  }

  replace(message, before) {
    const row = this.row(message.message_id);
    if (!row) return;
    const focused = focusables(row).indexOf(document.activeElement);
    const next = messageRow(this.store, this.store.here, message, this.actions, before);
    for (const name of ["first", "last", "chosen"]) next.classList.toggle(name, row.classList.contains(name));
    keepUnfolded(row, next);
    row.replaceWith(next);
    if (focused >= 0) (focusables(next)[focused] ?? next.querySelector(".bubble")).focus();
  }

  redraw(messageIds) {
    for (const id of messageIds) {
      const message = this.store.message(this.store.here, id);
      if (message && this.row(id)) this.replace(message);
    }
    this.markChosen();
  }

  row(messageId) {
    return this.list.querySelector(`[data-id="${messageId}"]`);
  }

  // Runs of one author stand together; a new day gets its name.
  arrange() {
    for (const day of this.list.querySelectorAll(".day")) day.remove();
    let previous = null;
    for (const row of this.list.querySelectorAll(".row")) {
      const isNewDay = !previous || dayName(previous.dataset.date) !== dayName(row.dataset.date);
      const isFirst = isNewDay || previous.dataset.from !== row.dataset.from;
      row.classList.toggle("first", isFirst);
      row.classList.add("last");
      previous?.classList.toggle("last", isFirst);
      if (isNewDay) row.before(el("li", { class: "day" }, el("span", { text: dayName(row.dataset.date) })));
      previous = row;
    }
  }

  drawLive() {
    const place = this.store.here;
    if (!place) return;
    const wasAtEnd = this.isAtEnd();
    const draft = this.store.draft(place);
    const isTyping = this.store.isTyping(place) && !this.store.growing(place);
    if (draft) this.drawDraft(draft);
    else if (!isTyping) this.live.replaceChildren();
    else if (!this.live.querySelector(`.${this.store.doing(place)}`)) this.live.replaceChildren(typingRow(this.store, place));
    if (wasAtEnd) this.toEnd();
  }

  // A frame is drawn once, so that nothing in it moves or loses the focus before the next one comes.
  drawDraft(draft) {
    if (draft === this.drawn && this.live.querySelector(".draft")) return;
    const focused = focusables(this.live).indexOf(document.activeElement);
    this.live.replaceChildren(draftRow(draft, this.actions));
    this.drawn = draft;
    if (focused >= 0) focusables(this.live)[focused]?.focus();
  }

  markChosen() {
    for (const row of this.list.querySelectorAll(".chosen")) row.classList.remove("chosen");
    if (this.store.chosen !== null) this.row(this.store.chosen)?.classList.add("chosen");
  }

  // Screen readers hear whole answers, not every frame of them.
  speak(message, before) {
    const isWhole = !stopButton(message) && (!before || stopButton(before));
    if (message.from?.is_bot && isWhole && this.head(message) === message) announce(`${fullName(message.from)}: ${plainText(message) || messagePreview(message)}`);
  }

  isAtEnd() {
    return this.frame.scrollHeight - this.frame.scrollTop - this.frame.clientHeight < NEAR_END_PX;
  }

  toEnd(isSmooth = false) {
    this.missed = 0;
    this.frame.scrollTo({ top: this.frame.scrollHeight, behavior: isSmooth ? "smooth" : "instant" });
    this.drawDown();
  }

  resized() {
    this.height = this.frame.clientHeight;
    if (this.sticks) this.toEnd();
  }

  scrolled() {
    if (this.height !== this.frame.clientHeight) return; // The room has just changed, and the reader did not scroll.
    this.sticks = this.isAtEnd();
    this.drawDown();
  }

  drawDown() {
    if (this.isAtEnd()) this.missed = 0;
    this.down.hidden = this.isAtEnd();
    this.down.dataset.missed = this.missed || "";
  }

  // Bring a message into view and let it glow for a moment.
  show(messageId) {
    const message = this.store.message(this.store.here, messageId);
    const row = message && this.row(this.head(message).message_id);
    row?.scrollIntoView({ block: "center", behavior: "smooth" });
    row?.classList.add("glow");
    setTimeout(() => row?.classList.remove("glow"), 1600);
  }

  messageOf(row) {
    return this.store.message(this.store.here, Number(row.dataset.id));
  }

  // Arrow keys walk from message to message; Enter replies, e edits one's own, i inspects.
  walk(event) {
    const row = event.target.closest?.(".row");
    if (!row || event.altKey || !event.target.classList.contains("bubble")) return;
    const rows = [...this.list.querySelectorAll(".row")];
    const at = rows.indexOf(row);
    const message = this.messageOf(row);
    switch (event.key) {
      case "ArrowUp": rows[Math.max(0, at - 1)].querySelector(".bubble").focus(); break;
      case "ArrowDown": this.focusNext(rows[at + 1]); break;
      case "Enter": this.actions.reply(message); break;
      case "e": if (this.store.canEdit(this.store.here, message)) this.actions.mend(message); break;
      case "i": this.actions.inspect(message); break;
      default: return;
    }
    event.preventDefault();
  }

  focusNext(row) {
    if (row) row.querySelector(".bubble").focus();
    else this.actions.write();
  }

  focusLast() {
    this.list.querySelector(".row:last-child .bubble")?.focus();
  }

  // A click on an answer chooses it for the inspector, unless it was meant for something in it.
  chooseAnswer(event) {
    const row = event.target.closest(".row");
    if (!event.target.closest(".bubble") || event.target.closest("button, a, summary, .spoiler, blockquote.expandable") || !getSelection().isCollapsed) return;
    const message = this.messageOf(row);
    if (message && this.store.traceOf(this.store.here, message)) this.store.choose(message.message_id);
  }

  replyTo(event) {
    const row = event.target.closest(".row");
    if (!row || event.target.closest("button, a, .text")) return;
    this.actions.reply(this.messageOf(row));
  }

  nothing() {
    const { here, bot } = this.store;
    const isGroup = here.chat.type !== "private";
    const starters = this.store.promptOf(here)?.starters[language] ?? [];
    const ask = (text) => () => this.actions.command(isGroup ? `@${bot.username} ${text}` : text);
    const starter = (text) => el("button", { type: "button", class: "starter", text, on: { click: ask(text) } });
    const start = el("button", { type: "button", class: "link", text: "/start", on: { click: () => this.actions.command("/start") } });
    const [before, after] = words("emptyCommands", { start: "\0" }).split("\0");
    return el(
      "li",
      { class: "nothing" },
      icon("bird"),
      el("h2", { text: words("emptyTitle") }),
      el("p", { text: words(isGroup ? "emptyGroup" : "emptyText", { bot: bot.username }) }),
      ...starters.map(starter),
      el("p", { class: "small" }, before, start, after),
    );
  }
}

function focusables(row) {
  return [...row.querySelectorAll("button, a, [tabindex]")];
}
