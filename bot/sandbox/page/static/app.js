// The page itself: puts the parts together and says what happens when the reader does something.

import { chatHead, chatList } from "./chats.js";
import { Composer } from "./composer.js";
import { droppable } from "./dropping.js";
import { icon } from "./element.js";
import { Feed } from "./feed.js";
import { inspectorPanel } from "./inspector.js";
import { peopleDialog } from "./people.js";
import { afterShipments, inTurn, ship } from "./shipping.js";
import { Store, stopButton } from "./store.js";
import { complain, toast } from "./toast.js";
import { showPicture } from "./viewer.js";
import { get, listen, post } from "./wire.js";
import { language, words } from "./words.js";

const PRESS_WAITS_MS = 15_000;
const NARROW = matchMedia("(max-width: 1080px)");
const TOUCH = matchMedia("(pointer: coarse)");
const part = (id) => document.getElementById(id);

const store = new Store();
const presses = new Map(); // callback query id -> what to do with its answer

// What people do in the chat.

function say(text, replyTo = null, place = store.here) {
  const body = { ...addressOf(place, replyTo), text };
  afterShipments(() => post("say", body)).catch(complain);
}

// Resolves with whether all of it has gone.
function send(load, caption, replyTo, place = store.here) {
  const address = addressOf(place, replyTo);
  const failed = (error) => (complain(error), false);
  return inTurn(() => ship(load, address, caption)).then(() => true, failed);
}

function addressOf(place, replyTo) {
  return { chat_id: place.chatId, user_id: store.speaker(place).user_id, topic_id: place.topicId, reply_to: replyTo };
}

function edit(message, text) {
  const { chatId } = store.here;
  post("edit", { chat_id: chatId, user_id: message.from.id, message_id: message.message_id, text }).catch(complain);
}

function press(message, key) {
  if (key.copy_text) return navigator.clipboard.writeText(key.copy_text.text).then(() => toast(words("copied")));
  if (key.callback_data === undefined) return;
  const { chatId } = store.here;
  const body = { chat_id: chatId, user_id: store.speaker(store.here).user_id, message_id: message.message_id, data: key.callback_data };
  const wait = (isWaiting) => (store.setPressed(chatId, message, key, isWaiting), feed.redraw([message.message_id]));
  wait(true);
  post("press", body).then(
    ({ query_id: queryId }) => expectAnswer(queryId, () => wait(false)),
    (error) => (wait(false), complain(error)),
  );
}

const early = new Map(); // answers that came before the request that asked for them had returned

function expectAnswer(queryId, done) {
  const timer = setTimeout(() => settle({}, words("noAnswer")), PRESS_WAITS_MS);
  const settle = (answer, otherwise = "") => {
    clearTimeout(timer);
    presses.delete(queryId);
    done();
    if (answer.text || otherwise) toast(answer.text || otherwise, Boolean(answer.show_alert));
  };
  presses.set(queryId, settle);
  if (early.has(queryId)) settle(early.get(queryId));
  early.clear();
}

store.on("answered", (answer) => {
  const settle = presses.get(answer.callback_query_id);
  if (settle) settle(answer);
  else early.set(answer.callback_query_id, answer);
});

// A draft has its own stop, a growing message its button; where neither is seen yet, the command does it.
function stop() {
  const place = store.here;
  const growing = store.growing(place);
  if (store.drafting(place)?.can_stop) stopDraft(place);
  else if (growing && !store.isPressed(place.chatId, growing, stopButton(growing))) press(growing, stopButton(growing));
  else if (!growing) say("/stop");
  backToWriting();
}

function stopDraft({ chatId, topicId } = store.here) {
  post("stop-draft", { chat_id: chatId, topic_id: topicId }).catch(complain);
  backToWriting();
}

function askAgain() {
  const question = store.questionAgain(store.here);
  if (question) say(question);
  store.choose(null);
}

// An answer about the prompt in use counts only if nothing newer was asked or chosen meanwhile.
let newestWord = 0;

function setPrompt(name) {
  newestWord += 1;
  store.use(store.here, name);
  say(`/prompts ${name}`);
}

// Only the bot knows which prompt answers where; whenever it has said something, that may have changed.
function askWhoAnswers(place = store.here) {
  if (!place) return;
  const spot = place.topicId === null ? { chat_id: place.chatId } : { chat_id: place.chatId, topic_id: place.topicId };
  const word = (newestWord += 1);
  const hear = ({ name }) => word === newestWord && store.use(place, name);
  get("prompt", spot).then(hear, () => {}); // a lost connection is told elsewhere
}

for (const what of ["state", "open", "prompts"]) store.on(what, () => askWhoAnswers());
store.on("message", ({ place, message }) => {
  if (place === store.here && message.from?.is_bot && !stopButton(message)) askWhoAnswers();
});

// Moving about.

function open(place) {
  document.body.dataset.view = "talk";
  store.open(place);
  history.replaceState(null, "", `#${place.key}`);
  backToWriting();
}

// On a touch screen the focus would bring up the keyboard, which hides half the chat.
function backToWriting() {
  if (!TOUCH.matches) composer.focus();
}

function neighbour(step) {
  const at = store.places.indexOf(store.here);
  const count = store.places.length;
  if (count) open(store.places[(at + step + count) % count]);
}

function showInspector(isShown) {
  document.body.dataset.inspector = isShown ? "open" : "closed";
  part("inspector-toggle").setAttribute("aria-expanded", String(isShown));
  if (!NARROW.matches) localStorage.setItem("govorun.inspector", document.body.dataset.inspector);
}

function inspect(message) {
  store.choose(message.message_id);
  showInspector(true);
}

const actions = {
  press,
  inspect,
  reply: (message) => composer.reply(message),
  mend: (message) => composer.edit(message),
  edit,
  ship: send,
  enlarge: (message) => showPicture(store.messagesOf(store.here).filter(({ photo }) => photo?.length), message),
  stopDraft: () => stopDraft(),
  command: (text) => (say(text), backToWriting()),
  show: (messageId) => feed.show(messageId),
  markdownOf: (message) => store.traceOf(store.here, message).answer,
  write: () => composer.focus(),
  backToWriting,
  say,
  stop,
  askAgain,
  setPrompt,
  setPace: (pace) => post("pace", { tokens_per_second: pace }).catch(complain),
  lastMessage: () => feed.focusLast(),
};

const feed = new Feed({ frame: part("frame"), list: part("list"), live: part("live"), down: part("down") }, store, actions);
const composer = new Composer(
  {
    form: part("composer"), text: part("text"), stop: part("stop"), slash: part("slash"), answering: part("answering"),
    speakers: part("speakers"), keys: part("keys"), menu: part("menu"), tray: part("tray"), attach: part("attach"),
    picker: part("picker"),
  },
  store,
  actions,
);
droppable(part("veil"), (files) => composer.attach(files));
chatList(part("places"), store, open);
chatHead(part("head"), store);
inspectorPanel(part("inspector-body"), store, actions);

// What stands above everything: a lost connection, and mistakes in the prompts.

function drawProblems() {
  const banner = part("problems");
  banner.hidden = store.problems.length === 0;
  part("problem-list").replaceChildren(
    ...store.problems.map((problem) => {
      const line = document.createElement("li");
      line.textContent = problem;
      return line;
    }),
  );
}

function drawTitle() {
  const count = [...store.unread.values()].reduce((sum, each) => sum + each, 0);
  document.title = count ? `(${count}) ${store.bot.first_name}` : store.bot.first_name;
}

for (const what of ["state", "problems"]) store.on(what, drawProblems);
for (const what of ["state", "message", "open"]) store.on(what, drawTitle);
store.on("state", () => {
  if (!document.body.dataset.ready) backToWriting();
  document.body.dataset.ready = "true";
});

// The page around the chat.

function translate() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = words(node.dataset.word);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", words(node.dataset.label));
    node.title = words(node.dataset.label);
  }
}

function switchTheme() {
  const root = document.documentElement;
  const isDark = (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  root.dataset.theme = isDark ? "light" : "dark";
  localStorage.setItem("govorun.theme", root.dataset.theme);
}

function shortcut(event) {
  if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  neighbour(event.key === "ArrowUp" ? -1 : 1);
}

for (const node of document.querySelectorAll("[data-icon]")) node.prepend(icon(node.dataset.icon));
translate();
showInspector(!NARROW.matches && localStorage.getItem("govorun.inspector") !== "closed");
part("theme").addEventListener("click", switchTheme);
part("back").addEventListener("click", () => (document.body.dataset.view = "chats"));
part("inspector-toggle").addEventListener("click", () => showInspector(document.body.dataset.inspector !== "open"));
part("inspector-close").addEventListener("click", () => showInspector(false));
part("add-person").addEventListener("click", () => peopleDialog((person) => post("people", person).catch(complain)));
document.addEventListener("keydown", shortcut);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && store.here && store.unread.delete(store.here.key)) store.tell("open");
});

store.here = { key: location.hash.slice(1) };
listen((news) => store.apply(news), (isThere) => (part("lost").hidden = isThere));
