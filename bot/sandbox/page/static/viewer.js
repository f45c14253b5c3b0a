// A picture as large as the screen: arrows lead to the others of the chat, Escape and a click beside it close it.

import { el, icon, iconButton } from "./element.js";
import { address } from "./files.js";
import { plainText } from "./plain.js";
import { fullName } from "./store.js";
import { clockTime, dayName, words } from "./words.js";

// Show the photo of `message`, one of `messages`, which all have one.
export function showPicture(messages, message) {
  let at = messages.indexOf(message);
  const image = el("img", { class: "shown" });
  const caption = el("p", { class: "caption", dir: "auto" });
  const about = el("p", { class: "about" });
  const save = el("a", { class: "round", title: words("save"), "aria-label": words("save"), download: "" }, icon("download"));
  const close = iconButton("close", words("close"), () => box.close());
  const step = (by) => () => {
    at = Math.max(0, Math.min(messages.length - 1, at + by));
    draw();
  };
  const back = iconButton("back", words("earlierPicture"), step(-1), { class: "round turn earlier" });
  const on = iconButton("turn", words("laterPicture"), step(1), { class: "round turn later" });
  const draw = () => {
    const { photo, date, from } = messages[at];
    const largest = photo.at(-1);
    image.src = save.href = address(largest);
    image.alt = plainText(messages[at]) || words("photo");
    caption.textContent = plainText(messages[at]);
    about.textContent = [from ? fullName(from) : "", `${dayName(date)}, ${clockTime(date)}`].filter(Boolean).join(" · ");
    save.download = `picture-${messages[at].message_id}`;
    back.disabled = at === 0;
    on.disabled = at === messages.length - 1;
  };
  const head = el("header", {}, about, save, close);
  const box = el("dialog", { class: "viewer", "aria-label": words("photo"), on: { close: () => box.remove() } }, head, back, image, on, caption);
  box.addEventListener("click", ({ target }) => target === box && box.close());
  box.addEventListener("keydown", ({ key }) => {
    if (key === "ArrowLeft") step(-1)();
    if (key === "ArrowRight") step(1)();
  });
  draw();
  document.body.append(box);
  box.showModal();
}
