// Palettes as files of other programs: GIMP and Krita (.gpl), Adobe (.ase, .aco), lists of hex colours. Pure.
//
// A palette is {name, colors}: '#rrggbb' in sRGB, at most `MOST_COLORS`. Nothing is believed that a file says of its size.

import { fromHsv, fromRgb, parseHex, toRgb } from "./palette.js";

export const MOST_COLORS = 256;
export const ENDINGS = ["gpl", "ase", "aco", "hex"];

/** A file that cannot be read as a palette; the message is a key of the locale files. */
export class PaletteError extends Error {
  constructor(sentence, values = {}) {
    super(sentence);
    this.name = "PaletteError";
    this.values = values;
  }
}

const bad = () => new PaletteError("No colours can be read from this file. Palettes are .gpl, .ase, .aco and lists of hex colours.");

/** Reads the bytes of a palette file; what it is follows from its first bytes, then from its name. */
export function readPalette(bytes, fileName = "") {
  const ending = /\.(\w+)$/.exec(fileName)?.[1].toLowerCase() || "";
  const title = fileName.replace(/\.\w+$/, "");
  const start = String.fromCharCode(...bytes.slice(0, 12));
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = start.startsWith("ASEF") ? readAse : ending === "aco" ? readAco : null;
  let found;
  try {
    found = read ? read(data) : readText(new TextDecoder().decode(bytes));
  } catch (error) {
    if (error instanceof RangeError) throw bad(); // it ends too early
    throw error;
  }
  if (found.colors.length === 0) throw bad();
  if (found.colors.length > MOST_COLORS) throw new PaletteError("This palette has {n} colours; at most {limit} are read.", { n: found.colors.length, limit: MOST_COLORS });
  return { name: (found.name || title).slice(0, 60), colors: found.colors };
}

function readText(text) {
  const lines = text.split(/\r?\n/);
  if (lines[0].trim() === "GIMP Palette") {
    const rows = lines.map((line) => /^\s*(\d{1,3})\s+(\d{1,3})\s+(\d{1,3})(\s|$)/.exec(line)).filter(Boolean);
    const name = lines.map((line) => /^Name:\s*(.+)$/.exec(line)?.[1].trim()).find(Boolean);
    return { name, colors: rows.map(([, ...rgb]) => fromRgb(rgb.slice(0, 3).map(Number))) };
  }
  const isPaintNet = /^;\s*paint\.net/i.test(text); // which writes aarrggbb
  const words = lines.filter((line) => !/^\s*(;|\/\/)/.test(line)).join(" ").split(/[\s,;"'[\]]+/).filter(Boolean);
  const colors = words.map((word) => (isPaintNet && /^[0-9a-f]{8}$/i.test(word) ? `#${word.slice(2).toLowerCase()}` : parseHex(word)));
  if (colors.includes(null)) throw bad();
  return { colors };
}

const clamped = (share) => Math.min(255, Math.max(0, share * 255));
const ofCmyk = ([c, m, y, k]) => fromRgb([c, m, y].map((ink) => clamped((1 - ink) * (1 - k))));

/** CIE Lab of D50, as Adobe writes it, to sRGB (Bradford to D65). L from 0 to 100. */
function ofLab([l, a, b]) {
  const f = (l + 16) / 116;
  const [x, y, z] = [f + a / 500, f, f - b / 200].map((v) => (v > 6 / 29 ? v ** 3 : (v - 4 / 29) * (108 / 841)));
  const [X, Z] = [x * 0.9642, z * 0.8249];
  const linear = [3.1339 * X - 1.6169 * y - 0.4906 * Z, -0.9788 * X + 1.9161 * y + 0.0335 * Z, 0.0719 * X - 0.2290 * y + 1.4052 * Z];
  return fromRgb(linear.map((v) => clamped(v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055)));
}

const ASE_MODELS = {
  "RGB ": [3, (v) => fromRgb(v.map(clamped))],
  CMYK: [4, ofCmyk],
  "LAB ": [3, ([l, a, b]) => ofLab([l * 100, a, b])],
  Gray: [1, ([v]) => fromRgb([v, v, v].map(clamped))],
};

function readAse(data) {
  const colors = [];
  let name = "";
  let at = 12;
  for (let left = data.getUint32(8); left > 0 && at < data.byteLength; left--) {
    const [kind, length] = [data.getUint16(at), data.getUint32(at + 2)];
    const start = at + 6;
    if (kind === 0x0001 || kind === 0xc001) {
      const letters = data.getUint16(start);
      const text = Array.from({ length: letters }, (_, n) => String.fromCharCode(data.getUint16(start + 2 + 2 * n))).join("").replace(/\0/g, "");
      if (kind === 0xc001) name ||= text;
      else colors.push(aseColor(data, start + 2 + 2 * letters));
    }
    at = start + length;
  }
  return { name, colors };
}

function aseColor(data, at) {
  const model = [0, 1, 2, 3].map((n) => String.fromCharCode(data.getUint8(at + n))).join("");
  if (!(model in ASE_MODELS)) throw bad();
  const [count, read] = ASE_MODELS[model];
  return read(Array.from({ length: count }, (_, n) => data.getFloat32(at + 4 + 4 * n)));
}

const ACO_SPACES = {
  0: ([r, g, b]) => fromRgb([r, g, b].map((v) => v / 257)),
  1: ([h, s, v]) => fromHsv({ hue: (h / 65536) * 360, saturation: s / 65535, value: v / 65535 }),
  2: (v) => ofCmyk(v.map((ink) => 1 - ink / 65535)),
  7: ([l, a, b]) => ofLab([l / 100, ((a << 16) >> 16) / 100, ((b << 16) >> 16) / 100]),
  8: ([v]) => fromRgb([v, v, v].map((gray) => 255 - (gray / 10_000) * 255)),
};

function readAco(data) {
  if (![1, 2].includes(data.getUint16(0))) throw bad();
  const isNamed = data.getUint16(0) === 2; // some programs leave out the first half
  const colors = [];
  let at = 4;
  for (let left = data.getUint16(2); left > 0; left--) {
    const read = ACO_SPACES[data.getUint16(at)];
    if (!read) throw bad();
    colors.push(read([2, 4, 6, 8].map((place) => data.getUint16(at + place))));
    at += 10;
    if (isNamed) at += 4 + 2 * data.getUint32(at);
  }
  return { colors };
}

/** The bytes of a palette in a format of `ENDINGS`; its colours are named by themselves. */
export function writePalette(ending, { name, colors }) {
  const text = (lines) => new TextEncoder().encode(`${lines.join("\n")}\n`);
  if (ending === "gpl") {
    const rows = colors.map((color) => `${toRgb(color).map((v) => String(v).padStart(3)).join(" ")}\t${color}`);
    return text(["GIMP Palette", `Name: ${name.replace(/[\r\n]/g, " ")}`, "Columns: 8", "#", ...rows]);
  }
  if (ending === "hex") return text(colors.map((color) => color.slice(1)));
  return ending === "ase" ? writeAse(name, colors) : writeAco(colors);
}

/** Bytes of [size, value] in turn, big-endian; a size of 0 is a text of 16 bits a letter, "f" a number with a point. */
function packed(fields) {
  const sizes = fields.map(([size, value]) => (size === 0 ? 2 * value.length : size === "f" ? 4 : size));
  const data = new DataView(new ArrayBuffer(sizes.reduce((sum, size) => sum + size, 0)));
  let at = 0;
  fields.forEach(([size, value], n) => {
    if (size === 0) [...value].forEach((letter, i) => data.setUint16(at + 2 * i, letter.charCodeAt(0)));
    else if (size === "f") data.setFloat32(at, value);
    else if (size === 4) data.setUint32(at, value);
    else data.setUint16(at, value);
    at += sizes[n];
  });
  return new Uint8Array(data.buffer);
}

function writeAse(name, colors) {
  const title = `${name.replace(/[^\u0020-\ud7ff]/g, "")}\0`;
  const fields = [[4, 0x41534546], [2, 1], [2, 0], [4, colors.length + 2], [2, 0xc001], [4, 2 + 2 * title.length], [2, title.length], [0, title]];
  for (const color of colors) {
    const rgb = toRgb(color).map((v) => ["f", v / 255]);
    fields.push([2, 1], [4, 2 + 16 + 4 + 12 + 2], [2, 8], [0, `${color}\0`], [4, 0x52474220], ...rgb, [2, 2]);
  }
  return packed([...fields, [2, 0xc002], [4, 0]]);
}

function writeAco(colors) {
  const row = (color) => [[2, 0], ...toRgb(color).map((v) => [2, v * 257]), [2, 0]];
  const named = colors.flatMap((color) => [...row(color), [4, 8], [0, `${color}\0`]]);
  return packed([[2, 1], [2, colors.length], ...colors.flatMap(row), [2, 2], [2, colors.length], ...named]);
}

/** The colours that stand for a picture, light to dark: `data` is RGBA. Common ones first, then what is far from them. */
export function colorsOf(data, count = 16) {
  const bins = new Map();
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] < 128) continue;
    const key = (data[i] >> 4 << 8) | (data[i + 1] >> 4 << 4) | (data[i + 2] >> 4);
    const bin = bins.get(key) || { n: 0, sum: [0, 0, 0] };
    bin.n += 1;
    bin.sum.forEach((_, c) => { bin.sum[c] += data[i + c]; });
    bins.set(key, bin);
  }
  const all = [...bins.values()].filter(({ n }) => n > data.length / 4 / 4000).map(({ n, sum }) => ({ n, rgb: sum.map((v) => v / n), far: 1000 }));
  const chosen = [];
  while (chosen.length < count) {
    const others = all.filter(({ far }) => far >= 24);
    if (others.length === 0) break;
    const best = others.reduce((a, b) => (b.far * Math.sqrt(b.n) > a.far * Math.sqrt(a.n) ? b : a));
    chosen.push(best.rgb);
    // Weighted by how well eyes tell red, green and blue.
    for (const one of all) one.far = Math.min(one.far, Math.hypot(...[0.55, 0.77, 0.33].map((w, c) => 1.7 * w * (one.rgb[c] - best.rgb[c]))));
  }
  const light = ([r, g, b]) => 0.3 * r + 0.59 * g + 0.11 * b;
  return chosen.sort((a, b) => light(b) - light(a)).map(fromRgb);
}
