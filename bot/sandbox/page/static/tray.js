// What is going to be sent: photos and files, seen above the text before they go; each place has its own.

import { el, icon, iconButton } from "./element.js";
import { fileSize } from "./files.js";
import { pictureIn, thumbnail } from "./pictures.js";
import { toast } from "./toast.js";
import { words } from "./words.js";

const MOST = 10;
const MOST_BYTES = 45_000_000;
const SIDE_PX = 76;

export class Tray {
  // `root` shows the items, {file, bitmap}; bitmap is null where a file is no picture. `onChange` hears of every
  // change, `onEmptied` when the person has left out the last item.
  constructor(root, { onChange, onEmptied }) {
    Object.assign(this, { root, onChange, onEmptied });
    this.key = null; // of the place that is open
    this.trays = new Map(); // place key -> items
    this.isPlain = false; // whether pictures go as files
  }

  get items() {
    return this.trays.get(this.key) ?? [];
  }

  get isEmpty() {
    return this.items.length === 0;
  }

  // What of the items goes as photos.
  get photos() {
    return this.isPlain ? [] : this.items.filter(({ bitmap }) => bitmap);
  }

  move(key) {
    this.key = key;
    this.draw();
  }

  async add(files) {
    const key = this.key;
    const fit = [...files].filter(({ size }) => size > 0 && size <= MOST_BYTES);
    if (fit.length < files.length) toast(words("tooLarge", { size: fileSize(MOST_BYTES) }));
    this.put(key, await Promise.all(fit.map(async (file) => ({ file, bitmap: await pictureIn(file) }))));
  }

  // Add items to those of a place, as many as can be sent together.
  put(key, items) {
    const all = [...(this.trays.get(key) ?? []), ...items];
    if (all.length > MOST) toast(words("tooMany", { count: MOST }));
    this.trays.set(key, all.slice(0, MOST));
    this.draw();
  }

  // Hand over what is here: the photos, and the items that go as files.
  take() {
    const taken = { photos: this.photos, files: this.items.filter((item) => !this.photos.includes(item)) };
    this.clear();
    return taken;
  }

  clear() {
    this.trays.delete(this.key);
    this.isPlain = false;
    this.draw();
  }

  remove(item) {
    const at = this.items.indexOf(item);
    this.trays.set(this.key, this.items.toSpliced(at, 1));
    if (this.isEmpty) return this.clear(), this.onEmptied();
    this.draw();
    this.root.querySelectorAll(".drop")[Math.min(at, this.items.length - 1)].focus();
  }

  draw() {
    this.root.hidden = this.isEmpty;
    const hasPictures = this.items.some(({ bitmap }) => bitmap);
    const rows = this.items.map((item) => this.tile(item));
    this.root.replaceChildren(el("ul", { class: "tiles", "aria-label": words("toSend") }, ...rows), hasPictures ? this.choice() : "");
    this.onChange();
  }

  tile(item) {
    const { file, bitmap } = item;
    const name = file.name || words("photo");
    const drop = iconButton("close", words("remove", { name }), () => this.remove(item), { class: "drop" });
    const isPhoto = this.photos.includes(item);
    if (isPhoto) return el("li", { class: "tile", title: name }, thumbnail(bitmap, SIDE_PX), drop);
    const about = el("span", { class: "file-name", text: name });
    const size = el("span", { class: "file-size", text: fileSize(file.size) });
    return el("li", { class: "tile plain-file", title: name }, el("span", { class: "file-icon" }, icon("page")), about, size, drop);
  }

  choice() {
    const toggle = () => ((this.isPlain = !this.isPlain), this.draw(), this.root.querySelector(".as-files").focus());
    const props = { type: "button", class: "as-files", "aria-pressed": String(this.isPlain), title: words("asFilesNote"), on: { click: toggle } };
    return el("button", props, icon("page"), el("span", { text: words("asFiles") }));
  }
}
