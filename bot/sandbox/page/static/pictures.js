// Pictures on their way: what Telegram's apps make of them before they are sent.

const LONGEST_PX = 1280;
const MOST_RATIO = 20; // Telegram takes nothing narrower as a photo.
const QUALITY = 0.87;

// The picture in a file; null if the browser cannot read it, or Telegram would send it as a mere file.
export async function pictureIn(file) {
  if (!file.type.startsWith("image/") || file.type === "image/gif") return null;
  try {
    const bitmap = await createImageBitmap(file);
    const sides = [bitmap.width, bitmap.height];
    return Math.max(...sides) > MOST_RATIO * Math.min(...sides) ? null : bitmap;
  } catch {
    return null;
  }
}

// A JPEG of at most 1280 pixels, in Base64; one that is small enough stays as it is.
export async function asPhoto({ file, bitmap }) {
  const scale = Math.min(1, LONGEST_PX / Math.max(bitmap.width, bitmap.height));
  if (scale === 1 && file.type === "image/jpeg") return asBase64(file);
  const canvas = new OffscreenCanvas(Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
  const brush = canvas.getContext("2d");
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.imageSmoothingQuality = "high";
  brush.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return asBase64(await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY }));
}

// The content of a file in Base64.
export function asBase64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

// A square of `side` pixels with the middle of a picture.
export function thumbnail(bitmap, side) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side * devicePixelRatio;
  const shorter = Math.min(bitmap.width, bitmap.height);
  const corner = [(bitmap.width - shorter) / 2, (bitmap.height - shorter) / 2];
  const brush = canvas.getContext("2d");
  brush.imageSmoothingQuality = "high";
  brush.drawImage(bitmap, ...corner, shorter, shorter, 0, 0, canvas.width, canvas.height);
  return canvas;
}
