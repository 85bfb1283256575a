// Files of whole chapters: what comes in, also in ZIP files, and what leaves as one.

import { api, fetched } from "./api.js";
import { loadImage } from "./dom.js";
import { writePdf } from "./pdf.js";
import { checkSize } from "./studio.js";
import { readZip, startZip } from "./zip.js";

const THUMB = 96; // px, the longest side
export const isPictureName = (name) => /\.(png|jpe?g|webp|gif|bmp|tiff?|avif|hei[cf]|jxl|ps[db]|ora|kra)$/i.test(name);
export const isArchiveName = (name) => /\.(zip|cbz)$/i.test(name);

/** The pictures among files, also of those in ZIP files, as [{name, file()}], in the order of their names. */
export async function unpacked(files) {
  const found = [];
  for (const file of files) {
    if (!isArchiveName(file.name)) {
      found.push({ name: file.name, file: async () => file });
      continue;
    }
    const inside = (await readZip(file)).filter(({ name }) => isPictureName(name) && !/(^|\/)(\.|__MACOSX\/)/.test(name));
    for (const { name, size, blob } of inside) {
      const title = name.split("/").at(-1);
      found.push({ name: title, path: name, file: async () => {
        checkSize({ size }); // before it is unpacked
        return new File([await blob()], title);
      } });
    }
  }
  const order = new Intl.Collator(undefined, { numeric: true });
  return found.sort((a, b) => order.compare(a.path || a.name, b.path || b.name));
}

/** A small JPEG of a drawing, so that a strip of twenty does not hold twenty scans. */
export async function thumbOf(url) {
  const image = await loadImage(url);
  const scale = Math.min(1, THUMB / Math.max(image.naturalWidth, image.naturalHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.8);
}

/** The paintings of pages as one file: a PDF, or a ZIP of files in a format of the server's; null where it was given up. */
export async function fileOf(pages, format, { onPage, isCancelled }) {
  const isPdf = format === "pdf";
  const [zip, pictures] = [startZip(), []];
  for (const { room, result, name } of pages) {
    const file = new Uint8Array(await (await fetched(`${api.resultUrl(room, result)}.${isPdf ? "jpg" : format}`)).arrayBuffer());
    if (isCancelled()) return null;
    if (isPdf) pictures.push(file);
    else zip.add(`${name.replace(/[/\\:*?"<>|\x00-\x1f]+/g, "_") || "page"}.${format}`, file);
    onPage();
  }
  return isPdf ? writePdf(pictures) : zip.end();
}
