// The list on the left: private chats, groups and their topics, with what was said last and what is unread.

import { avatar, birdAvatar, el, icon } from "./element.js";
import { plainText } from "./plain.js";
import { clockTime, words } from "./words.js";

// Keep the list up to date for as long as the page is open.
export function chatList(root, store, onOpen) {
  const draw = () => {
    const focused = document.activeElement?.closest(".chats .place")?.dataset.key;
    root.replaceChildren(...sections(store, onOpen));
    if (focused) root.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  };
  for (const what of ["state", "places", "message", "deleted", "open", "live"]) store.on(what, draw);
}

function sections(store, onOpen) {
  const isPrivate = (place) => place.chat.type === "private";
  const groups = store.places.filter((place) => !isPrivate(place));
  return [section("private", store.places.filter(isPrivate), store, onOpen), section("groups", groups, store, onOpen)];
}

function section(title, places, store, onOpen) {
  if (places.length === 0) return "";
  const rows = places.map((place) => el("li", {}, row(place, store, onOpen)));
  return el("section", {}, el("h2", { text: words(title) }), el("ul", {}, ...rows));
}

function row(place, store, onOpen) {
  const isHere = place.key === store.here?.key;
  const last = store.messagesOf(place).at(-1);
  const isTopic = place.topicId !== null;
  return el(
    "button",
    {
      type: "button",
      class: `place${isTopic ? " topic" : ""}`,
      "data-key": place.key,
      "aria-current": isHere ? "true" : false,
      on: { click: () => onOpen(place) },
    },
    isTopic ? el("span", { class: "hash", "aria-hidden": "true" }, icon("hash")) : avatar(place.title, place.chatId),
    el("span", { class: "place-name", text: place.title }),
    el("time", { class: "place-time", text: last ? clockTime(last.date) : "" }),
    preview(place, last, store),
    badge(store.unread.get(place.key)),
  );
}

function preview(place, last, store) {
  if (store.isTyping(place) || store.drafting(place)) {
    return el("span", { class: "place-last live", text: `${words(store.doing(place), { bot: store.bot.first_name })}…` });
  }
  const who = last && !store.isMine(place, last) && place.chat.type !== "private" ? `${last.from.first_name}: ` : "";
  const what = last ? messagePreview(last) : emptyNote(place, store);
  return el("span", { class: "place-last", text: who + what });
}

function emptyNote(place, store) {
  return place.topicId === null ? chatNote(place, store) : "";
}

function badge(count) {
  return count ? el("span", { class: "badge", text: count, "aria-label": words("unread", { count }) }) : "";
}

// One line for what a message says.
export function messagePreview(message) {
  const text = plainText(message) || message.document?.file_name || words(message.photo ? "photo" : "file");
  return text.replace(/\s+/g, " ").slice(0, 120);
}

// The head of the open chat: whose it is, and what the bot is doing there.
export function chatHead(root, store) {
  const draw = () => {
    const place = store.here;
    if (!place) return;
    const isPrivate = place.chat.type === "private";
    root.replaceChildren(
      isPrivate ? birdAvatar() : avatar(place.chat.title, place.chatId),
      el("h1", {}, title(place, store, isPrivate)),
      el("p", { class: store.isTyping(place) ? "live" : "" }, note(place, store)),
    );
  };
  for (const what of ["state", "places", "open", "live", "message"]) store.on(what, draw);
}

function title(place, store, isPrivate) {
  if (isPrivate) return store.bot.first_name;
  return place.topicId === null ? place.title : `${place.chat.title} / ${place.title}`;
}

function note(place, store) {
  if (store.isTyping(place) || store.drafting(place)) return `${words(store.doing(place), { bot: store.bot.first_name })}…`;
  return chatNote(place, store);
}

function chatNote({ chat }, store) {
  const bot = store.bot.first_name;
  if (chat.type === "private") return words("privateWith", { name: chat.title, bot });
  return words("members", { count: chat.members.length, bot });
}
