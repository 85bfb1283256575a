// A PDF with a picture on every page, from JPEG files as they are. Pure. After ISO 32000-1: a catalogue, pages, streams.

const PER_INCH = 150; // px of a page that says nothing of its size
const MOST_POINTS = 14_400; // of a side, as readers allow

/** Width, height and number of channels of a JPEG, from its frame header; null for what is none. */
export function readJpeg(bytes) {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1];
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    const word = (place) => (bytes[place] << 8) | bytes[place + 1];
    if (isFrame) return { height: word(at + 5), width: word(at + 7), channels: bytes[at + 9] };
    at += 2 + word(at + 2);
  }
  return null;
}

/** Writes a PDF of JPEG files, `Uint8Array` each; returns a Blob. */
export function writePdf(pictures) {
  const parts = [];
  const places = [];
  let length = 0;
  const put = (...pieces) => pieces.forEach((piece) => {
    const bytes = typeof piece === "string" ? new TextEncoder().encode(piece) : piece;
    parts.push(new Blob([bytes]));
    length += bytes.length;
  });
  const object = (number, ...pieces) => {
    places[number] = length;
    put(`${number} 0 obj\n`, ...pieces, "\nendobj\n");
  };
  put("%PDF-1.4\n", Uint8Array.of(0x25, 0xe2, 0xe3, 0xcf, 0xd3, 0x0a)); // bytes above 127 say that it is not text
  object(1, "<</Type/Catalog/Pages 2 0 R>>");
  object(2, `<</Type/Pages/Count ${pictures.length}/Kids[${pictures.map((_, n) => `${3 + 3 * n} 0 R`).join(" ")}]>>`);
  pictures.forEach((bytes, n) => {
    const { width, height, channels } = readJpeg(bytes);
    const scale = Math.min(72 / PER_INCH, MOST_POINTS / Math.max(width, height));
    const [across, down] = [width, height].map((side) => (side * scale).toFixed(2));
    const first = 3 + 3 * n;
    const draw = `q ${across} 0 0 ${down} 0 0 cm /P Do Q`;
    object(first, `<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${across} ${down}]/Contents ${first + 1} 0 R/Resources<</XObject<</P ${first + 2} 0 R>>>>>>`);
    object(first + 1, `<</Length ${draw.length}>>stream\n${draw}\nendstream`);
    object(first + 2, `<</Type/XObject/Subtype/Image/Width ${width}/Height ${height}/ColorSpace/${channels === 1 ? "DeviceGray" : "DeviceRGB"}`
      + `/BitsPerComponent 8/Filter/DCTDecode/Length ${bytes.length}>>stream\n`, bytes, "\nendstream");
  });
  const start = length;
  put(`xref\n0 ${places.length}\n0000000000 65535 f \n`);
  places.slice(1).forEach((place) => put(`${String(place).padStart(10, "0")} 00000 n \n`));
  put(`trailer<</Size ${places.length}/Root 1 0 R>>\nstartxref\n${start}\n%%EOF\n`);
  return new Blob(parts, { type: "application/pdf" });
}
