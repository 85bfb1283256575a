// ZIP files: read where pictures come in one, written where paintings leave together. Pure: bytes in, bytes out.
//
// After PKWARE's APPNOTE 6.3: local headers, the central directory, its end. Nothing is believed that a file says of
// itself: entries are counted, and unpacking stops where more comes than was announced.

const LOCAL = 0x04034b50;
const ENTRY = 0x02014b50;
const END = 0x06054b50;
const UTF8 = 0x0800; // flag: names are UTF-8
const MOST_ENTRIES = 5000;
const MOST_DIRECTORY = 4_000_000; // bytes
const MOST_BYTES = 0xffff0000; // sizes are 32 bits

/** A file that cannot be read; the message is a key of the locale files. */
export class ZipError extends Error {
  constructor(sentence, values = {}) {
    super(sentence);
    this.name = "ZipError";
    this.values = values;
  }
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

export function crc32(bytes) {
  let value = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) value = TABLE[(value ^ bytes[i]) & 255] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

function header(size, fields) {
  const view = new DataView(new ArrayBuffer(size));
  for (const [at, bytes, value] of fields) bytes === 4 ? view.setUint32(at, value, true) : view.setUint16(at, value, true);
  return new Uint8Array(view.buffer);
}

/** A date as DOS keeps it, [time, day]. */
function dosTime(date) {
  return [(date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1),
    ((date.getFullYear() - 1980) << 9) | ((date.getMonth() + 1) << 5) | date.getDate()];
}

/** Writes a ZIP: add(name, bytes) for each file, then end(). Pictures are packed already, so they are only stored. */
export function startZip(date = new Date()) {
  const parts = [];
  const entries = [];
  const names = new Set();
  const [time, day] = dosTime(date);
  let length = 0;
  const put = (bytes) => {
    parts.push(bytes);
    length += bytes.length ?? bytes.size;
  };
  return {
    add(name, bytes) {
      const text = new TextEncoder().encode(freeName(name, names));
      const at = length;
      if (at + bytes.length > MOST_BYTES) throw new ZipError("These files are more than 4 GB together. Save fewer pages.");
      const common = (start) => [[start, 2, 20], [start + 2, 2, UTF8], [start + 4, 2, 0], [start + 6, 2, time], [start + 8, 2, day],
        [start + 10, 4, crc], [start + 14, 4, bytes.length], [start + 18, 4, bytes.length], [start + 22, 2, text.length]];
      const crc = crc32(bytes);
      put(header(30, [[0, 4, LOCAL], ...common(4)]));
      put(text);
      put(new Blob([bytes])); // the browser may put it on the disk
      entries.push(header(46, [[0, 4, ENTRY], [4, 2, 20], ...common(6), [42, 4, at]]), text);
    },
    end() {
      const start = length;
      entries.forEach(put);
      const count = entries.length / 2;
      put(header(22, [[0, 4, END], [8, 2, count], [10, 2, count], [12, 4, length - start], [16, 4, start]]));
      return new Blob(parts, { type: "application/zip" });
    },
  };
}

/** A name that is not taken yet: "page.png", then "page 2.png". */
function freeName(name, names) {
  const [, stem, end] = /^(.*?)(\.\w+)?$/.exec(name);
  let free = name;
  for (let n = 2; names.has(free.toLowerCase()); n++) free = `${stem} ${n}${end || ""}`;
  names.add(free.toLowerCase());
  return free;
}

const view = (buffer) => new DataView(buffer);
const bytesOf = (file, from, to) => file.slice(from, to).arrayBuffer();

/** What a ZIP holds: [{name, size, blob()}] of its files, in its order. Raises `ZipError` for what is none. */
export async function readZip(file) {
  const from = Math.max(0, file.size - 65_557);
  const tail = view(await bytesOf(file, from, file.size));
  let at = tail.byteLength - 22;
  while (at >= 0 && tail.getUint32(at, true) !== END) at -= 1;
  if (at < 0) throw new ZipError("This ZIP file is damaged.");
  const [count, size, start] = [tail.getUint16(at + 10, true), tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
  if (count > MOST_ENTRIES || size > MOST_DIRECTORY) throw new ZipError("This ZIP file holds too many files; at most {n} are read.", { n: MOST_ENTRIES });
  if (start + size > file.size) throw new ZipError("This ZIP file is damaged.");
  return entriesOf(file, view(await bytesOf(file, start, start + size)), count);
}

function entriesOf(file, directory, count) {
  const found = [];
  let at = 0;
  for (let n = 0; n < count; n++) {
    if (at + 46 > directory.byteLength || directory.getUint32(at, true) !== ENTRY) throw new ZipError("This ZIP file is damaged.");
    const [flags, method] = [directory.getUint16(at + 8, true), directory.getUint16(at + 10, true)];
    const [packed, size] = [directory.getUint32(at + 20, true), directory.getUint32(at + 24, true)];
    const [name, extra, comment] = [28, 30, 32].map((place) => directory.getUint16(at + place, true));
    const place = directory.getUint32(at + 42, true);
    if (at + 46 + name > directory.byteLength) throw new ZipError("This ZIP file is damaged.");
    const text = new TextDecoder(flags & UTF8 ? "utf-8" : "windows-1252").decode(new Uint8Array(directory.buffer, at + 46, name));
    if (!text.endsWith("/")) found.push({ name: text, size, blob: () => unpack(file, { flags, method, packed, size, place }) });
    at += 46 + name + extra + comment;
  }
  return found;
}

async function unpack(file, { flags, method, packed, size, place }) {
  if (flags & 1) throw new ZipError("This ZIP file asks for a password. Unpack it first.");
  if (method !== 0 && method !== 8) throw new ZipError("This ZIP file is packed in a way that cannot be read here. Unpack it first.");
  const local = view(await bytesOf(file, place, place + 30));
  if (local.byteLength < 30 || local.getUint32(0, true) !== LOCAL) throw new ZipError("This ZIP file is damaged.");
  const from = place + 30 + local.getUint16(26, true) + local.getUint16(28, true);
  const data = file.slice(from, from + packed);
  if (method === 0 && (packed !== size || data.size !== size)) throw new ZipError("This ZIP file is damaged.");
  if (method === 0) return data;
  const parts = [];
  let length = 0;
  const reader = data.stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      length += piece.value.length;
      if (length > size) throw new ZipError("This ZIP file is damaged.");
      parts.push(piece.value);
    }
    if (length < size) throw new ZipError("This ZIP file is damaged.");
  } catch {
    await reader.cancel().catch(() => {});
    throw new ZipError("This ZIP file is damaged.");
  }
  return new Blob(parts);
}
