// The menus of the top bar: hints in and out, and results in every format.

import { unnamed } from "../api.js";
import { $, $$, element, saveText } from "../dom.js";
import { isHeld, writeHintFile } from "../hints.js";
import { onLanguage, t } from "../i18n.js";
import { uses } from "../models.js";
import { note } from "../notices.js";
import { paintSoon } from "../parts.js";
import * as store from "../store.js";

const FORMATS = [
  ["png", "PNG", "lossless"], ["jpg", "JPEG", "small"], ["webp", "WebP", "smallest"], ["tif", "TIFF", "lossless"],
  ["psd", "Photoshop", "layers"], ["ora", "OpenRaster", "layers, Krita"],
];
const FILES = [["svg", "SVG", "vectors"], ["mp4", "MP4", "its making"], ["json", "JSON", "strokes"]]; // of some results
const LONG_PIXELS = 4_000_000; // files of larger pages take the server seconds
const { session } = store;
const GROUNDS = [["white", "White"], ["keep", "As the sketch"], ["none", "None"]];
const PARTS = [["", "Everything"], ["colours", "Colours"], ["lines", "Lines"]];
const isLayered = (format) => format === "psd" || format === "ora";
let savedSize = "painted";

/** Puts a menu under its button, or above it where there is no room, and inside the window. */
export function anchor(menu, button) {
  menu.addEventListener("toggle", (event) => {
    button.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState !== "open") return;
    const box = button.getBoundingClientRect();
    const left = Math.min(innerWidth - menu.offsetWidth - 8, Math.max(8, box.right - menu.offsetWidth));
    menu.style.setProperty("left", `${left}px`);
    const below = box.bottom + 6;
    const isAbove = below + menu.offsetHeight > innerHeight - 8;
    menu.style.setProperty("top", `${isAbove ? Math.max(8, box.top - menu.offsetHeight - 6) : below}px`);
    $("button:not([disabled], [hidden]), a[href]", menu)?.focus({ focusVisible: false });
  });
  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.target.matches("select")) return;
    event.preventDefault();
    const items = $$("button:not([disabled]), a[href]", menu);
    items.at((items.indexOf(document.activeElement) + step) % items.length)?.focus();
  });
  menu.addEventListener("click", (event) => event.target.closest("button, a") && menu.hidePopover());
}

function saveHints(format) {
  const doc = store.doc();
  if (doc.hints.length === 0 && doc.tags.length === 0) return note(t("There are no hints to save yet."));
  const name = (session.room.name || "s2p").replace(/[^\p{L}\p{N} _-]/gu, "").trim() || "s2p";
  const ending = { s2p: "hints", v3: "v3-points", "v3-options": "v3-options" }[format];
  saveText(`${name}.${ending}.json`, writeHintFile(format, doc));
  if (format !== "s2p" && doc.hints.some(({ brush }) => brush?.length)) note(t("V3's files know no brush strokes; they were left out."));
}

function clearHints() {
  const { hints, locked } = store.doc();
  if (hints.length === 0) return;
  store.session.selected = -1;
  store.commit({ hints: hints.filter((hint) => isHeld(hint, locked)) });
  note(t("All hints were erased."), { action: { name: t("Undo"), run: store.undo } });
}

/** The two sizes that a result can be saved in; nothing to choose where they are the same. */
function showSizes(result) {
  const { room } = session;
  const isChoice = Boolean(result?.originals && result.width && room && (result.width !== room.width || result.height !== room.height));
  $("#save-size").hidden = !isChoice;
  $("#save-pixels").hidden = isChoice || !result?.width;
  $("#save-pixels").textContent = result?.width ? t("{width} × {height} pixels", result) : "";
  if (!isChoice) return false;
  const select = $("#save-size-select");
  const sizes = [["painted", t("As painted"), result], ["original", t("As the sketch"), room]];
  select.replaceChildren(...sizes.map(([value, name, { width, height }]) => element("option", { value }, `${name}, ${width} × ${height}`)));
  select.value = savedSize;
  return savedSize === "original";
}

/** The two choices of what is saved, for painters that know of it; as the end of an address. */
function savedParts(result) {
  const lines = Boolean(result) && uses(result.model, "ink", session.status);
  const ground = Boolean(result) && uses(result.model, "background", session.status);
  $("#save-part").hidden = !lines;
  $("#save-ground").hidden = !ground;
  const parts = PARTS.filter(([word]) => word !== "colours" || result?.apart); // V3's networks paint the lines, too
  for (const [id, options] of [["#save-part-select", parts], ["#save-ground-select", GROUNDS]]) {
    const { value } = $(id);
    $(id).replaceChildren(...options.map(([word, name]) => element("option", { value: word }, t(name))));
    $(id).value = options.some(([word]) => word === value) ? value : options[0][0];
  }
  return { only: lines ? $("#save-part-select").value : "", background: ground ? $("#save-ground-select").value : "white" };
}

/** The address of a file with what of the painting it holds; null where that format cannot hold it. */
function partOf(address, format, { only, background }) {
  const isBare = background !== "white" && only !== "lines";
  if ((only && isLayered(format)) || (format === "jpg" && (only === "lines" || isBare))) return null;
  return [unnamed(address), only && `only=${only}`, isBare && `background=${background}`].filter(Boolean).join("&");
}

/** Puts the painting into the clipboard, as it would be saved. */
async function copyPicture() {
  const { href } = $("#save-links a[download$='.png']");
  try {
    const picture = fetch(href).then((reply) => (reply.ok ? reply.blob() : Promise.reject(new Error(String(reply.status)))));
    await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
    note(t("The picture is in the clipboard."));
  } catch (error) {
    console.info("no copy: %s", error.message);
    note(t("The browser does not allow to copy pictures here. Save it instead."), { isError: true });
  }
}

/** What the menu has besides files: how the lines lie over the colours, and the clipboard. */
function buildSave() {
  const lines = $("#lines").cloneNode(true);
  lines.id = "save-lines-select";
  lines.addEventListener("change", () => {
    store.commit({ lines: lines.value });
    paintSoon({ isAsked: true });
  });
  const words = element("span", { "data-i18n": true }, "Lines");
  $("#save-ground").after(element("label", { id: "save-lines", class: "setting", hidden: true }, words, lines));
  const copy = element("button", { id: "copy-picture", type: "button", "data-i18n": true, hidden: true }, "Copy the picture");
  copy.addEventListener("click", copyPicture);
  $("#save-links").before(copy);
}

function showSave() {
  const result = store.currentResult();
  const parts = savedParts(result);
  const exports = (showSizes(result) ? result.originals : result?.exports) || {};
  const lines = session.room?.prepared?.recolorization;
  const link = (href, name, words, download) =>
    element("a", { href, download }, element("span", {}, name), element("small", {}, words));
  const links = FORMATS.filter(([format]) => exports[format] && partOf(exports[format], format, parts))
    .map(([format, name, words]) => link(partOf(exports[format], format, parts), name, t(words), `${session.room?.name || "s2p"}.${format}`));
  const files = result?.files || {};
  links.push(...FILES.filter(([format]) => files[format])
    .map(([format, name, words]) => link(files[format], name, t(words), `${session.room?.name || "s2p"}.${format}`)));
  if (lines) links.push(link(lines, t("Extracted lines"), "", `${session.room?.name || "s2p"}.lines`));
  $("#save-links").replaceChildren(...links);
  $("#save-lines").hidden = $("#save-part").hidden || !result;
  $("#save-lines-select").value = $("#lines").value;
  $("#copy-picture").hidden = !navigator.clipboard?.write || !exports.png;
  $("#save-empty").hidden = links.length > 0;
}

export function startMenus() {
  anchor($("#hints-menu"), $("#open-hints"));
  buildSave();
  anchor($("#save-menu"), $("#open-save"));
  $$("[data-save-hints]").forEach((button) => button.addEventListener("click", () => saveHints(button.dataset.saveHints)));
  $("#clear-hints").addEventListener("click", clearHints);
  $("#save-links").addEventListener("click", (event) => {
    const { width, height } = savedSize === "original" ? session.room : store.currentResult() || {};
    if (event.target.closest("a") && width * height > LONG_PIXELS) note(t("The file is being made; its download begins by itself."));
  });
  $("#save-size-select").addEventListener("change", () => {
    savedSize = $("#save-size-select").value;
    showSave();
  });
  $$("#save-part-select, #save-ground-select").forEach((select) => select.addEventListener("change", showSave));
  store.onChange((what) => what !== "preview" && showSave());
  onLanguage(showSave);
}
