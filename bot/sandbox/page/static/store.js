// What the page knows: chats, messages, drafts, traces. It knows nothing of elements; parts of the page listen.

import { language } from "./words.js";

const TYPING_S = 5.5; // Telegram shows a chat action for five seconds.
const DRAFT_S = 30; // A draft that nobody renews is gone after thirty.
const STOP = /^stop\b/i;
const DOINGS = { upload_photo: "sendingPhoto", upload_document: "sendingFile" };

export class Store extends EventTarget {
  constructor() {
    super();
    this.places = []; // {key, chatId, topicId, chat, title}: a chat, or a topic of one
    this.here = null; // the place that is open
    this.chosen = null; // message id of the inspected answer; null: the newest
    this.unread = new Map(); // place key -> count
    this.speakers = new Map(); // chat id -> user id who speaks there
    this.grown = new Set(); // messages that were seen growing
    this.pressed = new Set(); // buttons that wait for the bot's answer
    this.forget();
  }

  forget() {
    this.messages = new Map(); // chat id -> Map(message id -> message)
    this.drafts = new Map(); // place key -> {text, entities, rich_message, can_stop, is_stopped, until, was}
    this.doings = new Map(); // place key -> {action, until}: what the bot says it is doing
    this.traces = new Map(); // "chat:message" -> trace
    this.newest = new Map(); // place key -> newest trace
    this.inUse = new Map(); // place key -> name of the prompt that answers there
  }

  on(what, listener) {
    this.addEventListener(what, (event) => listener(event.detail));
  }

  tell(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }

  // News, in the order they come.

  apply({ kind, ...news }) {
    const take = this[`take_${kind}`];
    if (take) take.call(this, news);
  }

  take_state(state) {
    this.forget();
    Object.assign(this, { bot: state.bot, commands: state.commands, model: state.model, pace: state.pace });
    Object.assign(this, { folder: state.folder, prompts: state.prompts, problems: state.problems });
    this.takeCast(state);
    for (const chat of state.chats) this.messages.set(chat.chat_id, new Map(chat.messages.map((m) => [m.message_id, m])));
    for (const trace of state.traces) this.keep(trace);
    for (const { chat_id: chatId, draft } of state.drafts) this.keepDraft(placeKey(chatId, draft.message_thread_id), draft);
    this.here = this.places.find((place) => place.key === this.here?.key) ?? this.firstPlace();
    this.dropTheGone();
    this.tell("state");
  }

  // Where the reader finds somebody who speaks as they do.
  firstPlace() {
    const isKin = ({ chat }) => chat.type === "private" && this.people.get(chat.chat_id)?.language_code === language;
    return this.places.find(isKin) ?? this.places[0] ?? null;
  }

  // A server that was started anew knows nothing of what was chosen or counted before.
  dropTheGone() {
    if (this.here && !this.message(this.here, this.chosen)) this.chosen = null;
    for (const place of this.places) if (this.messagesOf(place).length === 0) this.unread.delete(place.key);
  }

  take_cast(cast) {
    this.takeCast(cast);
    for (const chat of cast.chats) if (!this.messages.has(chat.chat_id)) this.messages.set(chat.chat_id, new Map());
    this.tell("places");
  }

  takeCast({ people, chats }) {
    this.people = new Map(people.map((person) => [person.user_id, person]));
    this.places = chats.flatMap((chat) => placesOf(chat));
  }

  take_message({ chat_id, message }) {
    const known = this.messages.get(chat_id) ?? new Map();
    const before = known.get(message.message_id);
    const place = this.placeOf(chat_id, message);
    this.messages.set(chat_id, known.set(message.message_id, message));
    if (stopButton(message)) this.grown.add(`${chat_id}:${message.message_id}`);
    if (message.from?.is_bot) this.settle(place.key, !before);
    if (!before) this.count(place, message);
    this.tell("message", { place, message, before });
  }

  take_deleted({ chat_id, message_id }) {
    this.messages.get(chat_id)?.delete(message_id);
    this.tell("deleted", { chatId: chat_id, messageId: message_id });
  }

  take_action({ chat_id, topic_id, action }) {
    this.doings.set(placeKey(chat_id, topic_id), { action, until: Date.now() + TYPING_S * 1000 });
    this.tell("live");
  }

  take_draft({ chat_id, topic_id, draft }) {
    const key = placeKey(chat_id, topic_id);
    if (draft === null) this.drafts.delete(key);
    else this.keepDraft(key, draft);
    this.tell("live");
  }

  // A draft that did not grow out of the one before is new from its beginning.
  keepDraft(key, draft) {
    const was = draft.is_animated ? (this.drafts.get(key)?.text ?? "") : "";
    this.drafts.set(key, { ...draft, until: Date.now() + (draft.ttl_s ?? DRAFT_S) * 1000, was });
  }

  take_answered({ answer }) {
    this.tell("answered", answer);
  }

  take_trace({ trace }) {
    this.keep(trace);
    this.tell("trace", trace);
  }

  take_problems({ problems }) {
    this.problems = problems;
    this.tell("problems");
  }

  take_prompts({ prompts }) {
    this.prompts = prompts;
    this.tell("prompts");
  }

  take_commands({ commands }) {
    this.commands = commands;
    this.tell("commands");
  }

  take_pace({ pace }) {
    this.pace = pace;
    this.tell("pace");
  }

  keep(trace) {
    for (const id of trace.message_ids) this.traces.set(`${trace.chat_id}:${id}`, trace);
    this.newest.set(placeKey(trace.chat_id, trace.topic_id), trace);
  }

  // Whatever the bot does in a chat ends its typing; only a new message takes the draft away.
  settle(key, isNew) {
    if (isNew) this.drafts.delete(key);
    this.doings.delete(key);
    this.tell("live");
  }

  count(place, message) {
    const isOpen = place.key === this.here?.key && document.visibilityState === "visible";
    if (isOpen || !isSeen(message) || this.isMine(place, message)) return;
    this.unread.set(place.key, (this.unread.get(place.key) ?? 0) + 1);
  }

  // What the reader does.

  open(place) {
    this.here = place;
    this.chosen = null;
    this.unread.delete(place.key);
    this.tell("open");
  }

  choose(messageId) {
    this.chosen = messageId;
    this.tell("choose");
  }

  use(place, name) {
    if (this.inUse.get(place.key) === name) return;
    this.inUse.set(place.key, name);
    this.tell("used");
  }

  speakAs(userId) {
    this.speakers.set(this.here.chatId, userId);
    this.tell("open");
  }

  setPressed(chatId, message, key, isPressed) {
    const id = `${chatId}:${message.message_id}:${key.callback_data}`;
    if (isPressed) this.pressed.add(id);
    else this.pressed.delete(id);
  }

  // Questions.

  isPressed(chatId, message, key) {
    return this.pressed.has(`${chatId}:${message.message_id}:${key.callback_data}`);
  }

  placeOf(chatId, message) {
    const topicId = message.is_topic_message ? message.message_thread_id : null;
    const key = placeKey(chatId, topicId);
    return this.places.find((place) => place.key === key) ?? this.places.find((place) => place.chatId === chatId);
  }

  messagesOf(place) {
    const all = [...(this.messages.get(place.chatId)?.values() ?? [])].filter(isSeen);
    const here = place.chat.is_forum ? all.filter((message) => this.placeOf(place.chatId, message) === place) : all;
    return here.sort((a, b) => a.message_id - b.message_id);
  }

  message(place, messageId) {
    return this.messages.get(place.chatId)?.get(messageId);
  }

  speaker(place) {
    const members = place.chat.members;
    return this.people.get(this.speakers.get(place.chatId) ?? members[0]);
  }

  isMine(place, message) {
    return message.from?.id === this.speaker(place)?.user_id;
  }

  // People change texts and captions of their own.
  canEdit(place, message) {
    return this.isMine(place, message) && Boolean(message.text ?? message.photo ?? message.document);
  }

  // The messages that were sent together with this one, and itself, in order.
  together(place, message) {
    if (!message.media_group_id) return [message];
    return this.messagesOf(place).filter((each) => each.media_group_id === message.media_group_id);
  }

  isTyping(place) {
    return (this.doings.get(place.key)?.until ?? 0) > Date.now();
  }

  // What the bot is doing here, as a key of the words.
  doing(place) {
    return DOINGS[this.doings.get(place.key)?.action] ?? "typing";
  }

  draft(place) {
    const draft = this.drafts.get(place.key);
    return draft && draft.until > Date.now() ? draft : null;
  }

  // The draft that still grows; undefined if there is none, or it was stopped.
  drafting(place) {
    const draft = this.draft(place);
    return draft && !draft.is_stopped ? draft : undefined;
  }

  // The message that grows here, known by its stop button; undefined if none does.
  growing(place) {
    return this.messagesOf(place).findLast((message) => message.from?.is_bot && stopButton(message));
  }

  traceOf(place, message) {
    return this.traces.get(`${place.chatId}:${message.message_id}`);
  }

  hasGrown(place, message) {
    return this.grown.has(`${place.chatId}:${message.message_id}`) || Boolean(this.traceOf(place, message));
  }

  // The turn to inspect: of the chosen message, else the newest here. Undefined: there is none.
  trace(place) {
    if (this.chosen === null) return this.newest.get(place.key);
    return this.traces.get(`${place.chatId}:${this.chosen}`);
  }

  // Why there is no turn to inspect: a key of the words.
  traceExcuse(place) {
    if (this.growing(place) || this.drafting(place)) return "growing";
    return this.chosen === null ? "noTrace" : "notModel";
  }

  // The prompt that answers here: the one the bot told of, or, before it has, the first of the menu.
  promptOf(place) {
    const name = this.inUse.get(place.key);
    return name === undefined ? this.prompts[0] : this.prompts.find((prompt) => prompt.name === name);
  }

  // Commands for whoever speaks here, in their language if the bot has it.
  commandsOf(place) {
    const language = this.speaker(place)?.language_code ?? "";
    const scopes = place.chat.type === "private" ? ["all_private_chats", "default"] : ["all_group_chats", "default"];
    for (const scope of scopes) {
      for (const tongue of [language, ""]) {
        const found = this.commands.find((menu) => menu.scope === scope && menu.language === tongue);
        if (found?.commands.length) return found.commands;
      }
    }
    return [];
  }

  // What "ask again" sends: the question of the inspected answer, else of the newest; null if there was none.
  questionAgain(place) {
    const trace = this.trace(place) ?? this.newest.get(place.key);
    if (!trace) return null;
    if (place.chat.type === "private") return trace.question;
    const speaker = `${trace.person.name}: `; // In groups the model reads who speaks; the bot puts that in itself.
    return `/ask ${trace.question.startsWith(speaker) ? trace.question.slice(speaker.length) : trace.question}`;
  }
}

// Whether a message says anything; the notes of the service about itself do not.
export function isSeen(message) {
  return Boolean(message.text ?? message.caption ?? message.photo ?? message.document ?? message.rich_message);
}

// The inline button that stops a growing answer; undefined for any other message.
export function stopButton(message) {
  return message.reply_markup?.inline_keyboard?.flat().find((button) => STOP.test(button.callback_data ?? ""));
}

export function fullName(person) {
  return [person.first_name, person.last_name].filter(Boolean).join(" ");
}

function placesOf(chat) {
  const topics = chat.is_forum ? chat.topics : [];
  const whole = { key: placeKey(chat.chat_id, null), chatId: chat.chat_id, topicId: null, chat, title: chat.title };
  return [whole, ...topics.map(({ topic_id, title }) => topicPlace(chat, topic_id, title))];
}

function topicPlace(chat, topicId, title) {
  return { key: placeKey(chat.chat_id, topicId), chatId: chat.chat_id, topicId, chat, title };
}

function placeKey(chatId, topicId) {
  return topicId === null || topicId === undefined ? String(chatId) : `${chatId}:${topicId}`;
}
