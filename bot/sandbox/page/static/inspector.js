// The panel on the right: which model answers, under which prompt, and what it was sent for the chosen answer.

import { el, icon } from "./element.js";
import { copyButton } from "./entities.js";
import { clockTime, language, words } from "./words.js";

const FINE = new Set(["complete", "stopped"]);

// Keep the panel up to date. `actions` has setPace, setPrompt and askAgain.
export function inspectorPanel(root, store, actions) {
  const model = el("section", { class: "card" });
  const prompt = el("section", { class: "card" });
  const trace = el("section", { class: "trace", "aria-live": "off" });
  const opened = new Set(["system", "question"]); // which parts stand open, from answer to answer
  root.replaceChildren(model, prompt, trace);
  let shown = null;
  const drawTrace = () => {
    const next = store.here && store.trace(store.here);
    if (next && next === shown) return;
    shown = next;
    trace.replaceChildren(...traceParts(store, opened));
  };
  const drawAll = () => (drawModel(model, store, actions), drawPrompt(prompt, store, actions), drawTrace());
  store.on("state", drawAll);
  store.on("pace", () => drawModel(model, store, actions));
  for (const what of ["prompts", "used"]) store.on(what, () => drawPrompt(prompt, store, actions));
  for (const what of ["open", "trace"]) store.on(what, () => (drawPrompt(prompt, store, actions), drawTrace()));
  for (const what of ["choose", "message", "live"]) store.on(what, drawTrace);
}

// Which model answers; the stand-in also has a pace.

function drawModel(root, store, actions) {
  const isStandIn = store.pace !== null;
  const lamp = el("span", { class: `lamp ${isStandIn ? "stand-in" : "real"}`, "aria-hidden": "true" });
  const title = el("h3", {}, lamp, words(isStandIn ? "standIn" : "realModel"));
  const note = isStandIn ? words("standInText") : [store.model, words("realModelText")].filter(Boolean).join(". ");
  root.replaceChildren(title, el("p", { class: "faint", text: note }), isStandIn ? paceSlider(store, actions) : "");
}

function paceSlider(store, actions) {
  const shown = el("output", { text: words("tokensPerSecond", { count: Math.round(store.pace) }) });
  const slider = el("input", { type: "range", min: 2, max: 200, step: 1, value: Math.round(store.pace), "aria-label": words("pace") });
  slider.addEventListener("input", () => (shown.textContent = words("tokensPerSecond", { count: slider.value })));
  slider.addEventListener("change", () => actions.setPace(Number(slider.value)));
  return el("label", { class: "pace" }, el("span", { text: words("pace") }), slider, shown);
}

// Which prompt answers in this chat.

function drawPrompt(root, store, actions) {
  const known = store.here && store.promptOf(store.here);
  const options = store.prompts.map((prompt) => el("option", { value: prompt.name, text: prompt.title[language], selected: prompt === known }));
  const none = known ? null : el("option", { value: "", text: words("choosePrompt"), selected: true, disabled: true });
  const choose = el("select", { "aria-label": words("choosePrompt") }, none, ...options);
  choose.addEventListener("change", () => actions.setPrompt(choose.value));
  const canAsk = Boolean(store.here && store.questionAgain(store.here));
  root.replaceChildren(
    el("h3", { text: words("prompt") }),
    choose,
    known?.description[language] ? el("p", { text: known.description[language] }) : "",
    el("p", { class: "faint" }, ...hint(`${store.folder}/${known?.name ?? "NAME"}.yaml`)),
    el("button", { type: "button", class: "primary wide", id: "ask-again", disabled: !canAsk, on: { click: actions.askAgain } }, icon("again"), words("askAgain")),
  );
}

function hint(path) {
  const [before, after] = words("promptHint", { file: "\0" }).split("\0");
  return [before, el("code", { text: path }), after];
}

// What the model was sent for the chosen answer.

function traceParts(store, opened) {
  if (!store.here) return [];
  const trace = store.trace(store.here);
  if (!trace) return [el("p", { class: "faint empty", text: words(store.traceExcuse(store.here)) })];
  return [summary(trace), tokens(trace), ...sections(trace, opened)];
}

function summary(trace) {
  const when = `${clockTime(trace.asked_at)}, ${words("askedBy", { name: trace.person.name })}`;
  return el(
    "div",
    { class: "card" },
    el("div", { class: "line" }, el("h3", { text: trace.prompt }), outcome(trace.outcome)),
    el("p", { class: "faint", text: when }),
    el("p", { class: "model" }, el("code", { text: trace.model.name }), trace.model_version ? ` ${words("version", { version: trace.model_version })}` : ""),
    el("dl", { class: "facts" }, ...facts(trace)),
  );
}

function outcome(name) {
  const isKnown = ["complete", "truncated", "stopped"].includes(name);
  const tone = name === "complete" ? "good" : FINE.has(name) || name === "truncated" ? "so-so" : "bad";
  return el("span", { class: `pill ${tone}`, text: isKnown ? words(name) : name });
}

function facts({ model, first_text_s: firstText, total_s: total }) {
  const seconds = (value) => (value === null ? "—" : words("seconds", { count: value.toFixed(value < 10 ? 2 : 1) }));
  return [
    fact(words("temperature"), model.temperature ?? words("byDefault")),
    fact(words("maxTokens"), model.max_tokens ?? words("byDefault")),
    model.reasoning ? fact(words("reasoning"), words("on")) : "",
    fact(words("firstText"), seconds(firstText)),
    fact(words("total"), seconds(total)),
  ];
}

function fact(name, value, kind = "") {
  return el("div", { class: kind }, el("dt", { text: name }), el("dd", { text: value }));
}

function tokens({ usage }) {
  if (!usage) return el("div", { class: "card" }, el("h3", { text: words("tokens") }), el("p", { class: "faint", text: words("noUsage") }));
  const bar = el("div", { class: "bar", "aria-hidden": "true" }, share("in", usage.input_tokens), share("out", usage.completion_tokens));
  return el(
    "div",
    { class: "card" },
    el("div", { class: "line" }, el("h3", { text: words("tokens") }), el("b", { class: "number", text: usage.total_tokens })),
    bar,
    el(
      "dl",
      { class: "facts" },
      fact(words("input"), usage.input_tokens, "in"),
      fact(words("completion"), usage.completion_tokens, "out"),
      usage.reasoning_tokens ? fact(words("reasoningTokens"), usage.reasoning_tokens) : "",
    ),
  );
}

function share(name, count) {
  const part = el("i", { class: name });
  part.style.flexGrow = String(count);
  return part;
}

function sections(trace, opened) {
  return [
    section("system", trace.system, opened, () => said(trace.system)),
    section("examples", trace.examples, opened, () => pairs(trace.examples)),
    section("history", trace.history, opened, () => pairs(trace.history)),
    section("question", trace.question, opened, () => said(trace.question)),
    section("answer", trace.answer, opened, () => said(trace.answer)),
  ];
}

function section(name, content, opened, build) {
  const isText = typeof content === "string";
  const count = isText ? null : el("span", { class: "count", text: content.length || words("none") });
  const copy = isText && content ? copyButton(content) : null;
  const body = content.length ? build() : el("p", { class: "faint", text: words("none") });
  const node = el("details", { class: "part", "data-part": name, open: opened.has(name) });
  node.addEventListener("toggle", () => (node.open ? opened.add(name) : opened.delete(name)));
  node.append(el("summary", {}, icon("turn"), el("span", { text: words(name) }), count), el("div", { class: "part-body" }, copy, body));
  return node;
}

function said(text) {
  return el("pre", { class: "said", tabindex: "0", text });
}

function pairs(list) {
  const turns = list.flatMap(({ question, answer }) => [el("dt", { text: question }), el("dd", { text: answer })]);
  return el("dl", { class: "pairs" }, ...turns);
}
