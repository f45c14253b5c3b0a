// Sending photos and files: one after the other, so that they arrive in the order in which they were sent.

import { asBase64, asPhoto } from "./pictures.js";
import { post } from "./wire.js";

let before = Promise.resolve();

// Do this after all shipments that are still on their way; resolves or rejects as it does.
export function afterShipments(act) {
  return before.then(act);
}

// Be a shipment: do this after all that are still on their way, and let later ones wait.
export function inTurn(act) {
  const mine = before.then(act);
  before = mine.catch(() => {});
  return mine;
}

// Send `photos` together, then each of `files`; the caption goes with the first. `address` says where, who and to what.
// What has gone leaves its list, so that after a failure the lists hold what has not.
export async function ship({ photos, files }, address, caption) {
  let below = caption;
  if (photos.length) {
    await post("photos", { ...address, caption: below, photos: await Promise.all(photos.map(asPhoto)) });
    photos.length = 0;
    below = "";
  }
  while (files.length) {
    const { file } = files[0];
    const content = await asBase64(file);
    await post("document", { ...address, caption: below, name: file.name || "file", mime_type: file.type, content });
    files.shift();
    below = "";
  }
}
