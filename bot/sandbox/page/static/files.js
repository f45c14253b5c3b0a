// Pictures and files that were sent.

import { el, icon } from "./element.js";
import { language, words } from "./words.js";

const UNITS = ["byte", "kilobyte", "megabyte"];
const LONGEST_PX = 400;
const SHORTEST_PX = 150;
const SHARP_PX = 800; // for screens with two pixels to one

// The pictures of messages that were sent together, as one block; null if there are none. `onOpen` hears which.
export function pictures(messages, onOpen) {
  const shown = messages.filter(({ photo }) => photo?.length);
  if (shown.length === 0) return null;
  if (shown.length > 1) return album(shown, onOpen);
  const [width, height] = displayed(shown[0].photo.at(-1));
  const picture = tile(shown[0], onOpen);
  picture.querySelector("img").style.aspectRatio = `${width} / ${height}`;
  return el("div", { class: "pictures" }, picture);
}

function album(messages, onOpen) {
  const tiles = messages.map((message, index) => {
    const picture = tile(message, onOpen);
    picture.classList.add(`span-${span(index, messages.length)}`);
    return picture;
  });
  return el("div", { class: "pictures album" }, ...tiles);
}

// How many of six columns a picture takes: as many rows of three as can be, halves above them.
function span(index, count) {
  if (count === 3) return index ? 3 : 6;
  const halves = [0, 4, 2][count % 3];
  return index < halves ? 3 : 2;
}

function tile(message, onOpen) {
  const size = message.photo.find(({ width, height }) => Math.max(width, height) >= SHARP_PX) ?? message.photo.at(-1);
  const image = el("img", { src: address(size), alt: message.caption ?? words("photo"), decoding: "async", draggable: "false" });
  const props = { type: "button", class: message.has_media_spoiler ? "picture veiled" : "picture", title: words("enlarge") };
  return el("button", { ...props, on: { click: ({ currentTarget }) => currentTarget.classList.replace("veiled", "unveiled") || onOpen(message) } }, image);
}

// How wide what these messages show is, in pixels; null: as wide as the text.
export function pictureWidth(messages) {
  const shown = messages.filter(({ photo }) => photo?.length);
  if (shown.length === 0) return null;
  return shown.length > 1 ? LONGEST_PX : displayed(shown[0].photo.at(-1))[0];
}

// Width and height on the page: neither too large, nor too small for a thumb.
function displayed({ width, height }) {
  const scale = Math.min(LONGEST_PX / Math.max(width, height), Math.max(1, SHORTEST_PX / Math.min(width, height)));
  return [width, height].map((side) => Math.max(SHORTEST_PX / 2, Math.round(side * scale))).map((side, index) => (index ? side : Math.max(SHORTEST_PX, side)));
}

// A small picture of what a message shows; null if it shows none.
export function thumb({ photo, has_media_spoiler: isVeiled }) {
  return photo?.length && !isVeiled ? el("img", { class: "thumb", src: address(photo[0]), alt: "" }) : null;
}

// The file of a message, to be downloaded under its own name; null if it has none.
export function file({ document: sent }) {
  if (!sent) return null;
  const name = sent.file_name ?? words("file");
  const size = sent.file_size === undefined ? "" : fileSize(sent.file_size);
  return el(
    "a",
    { class: "file", href: address(sent), download: name, "aria-label": words("download", { name, size }) },
    el("span", { class: "file-icon" }, icon("file")),
    el("span", { class: "file-name", text: name }),
    el("span", { class: "file-size", text: size }),
  );
}

// 10.2 kB, as the reader writes it.
export function fileSize(bytes) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const style = { style: "unit", unit: UNITS[power], unitDisplay: power ? "short" : "long", maximumFractionDigits: 1 };
  return new Intl.NumberFormat(language, style).format(bytes / 1000 ** power);
}

// Where a file can be fetched.
export function address({ file_id: id }) {
  return `files/${encodeURIComponent(id)}`;
}
