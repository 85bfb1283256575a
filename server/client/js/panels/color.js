// The colour panel: mixer, hex field, recent colours and suggested tones.

import { spoken } from "../color_names.js";
import { $, element } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { TONES, fromHsv, inkOn, parseHex, toHsv } from "../palette.js";
import { paletteNow } from "../palettes.js";
import * as store from "../store.js";

const { session } = store;
let hsv = toHsv(session.color); // kept apart from the colour, because grey has no hue and black no saturation
let tonesKey = "";
let dockKey = "";

function mix(changes, final) {
  hsv = { ...hsv, ...changes };
  store.setColor(fromHsv(hsv), { final });
}

function startSquare() {
  const square = $("#square");
  const drag = (event, final) => {
    const box = square.getBoundingClientRect();
    const clamp = (v) => Math.min(1, Math.max(0, v));
    mix({ saturation: clamp((event.clientX - box.left) / box.width), value: 1 - clamp((event.clientY - box.top) / box.height) }, final);
  };
  square.addEventListener("pointerdown", (event) => {
    square.setPointerCapture(event.pointerId);
    drag(event, false);
  });
  square.addEventListener("pointermove", (event) => square.hasPointerCapture(event.pointerId) && drag(event, false));
  square.addEventListener("pointerup", (event) => drag(event, true));
  square.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 0.1 : 0.02;
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] || [];
    if (dx === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const clamp = (v) => Math.min(1, Math.max(0, v));
    mix({ saturation: clamp(hsv.saturation + dx * step), value: clamp(hsv.value + dy * step) }, true);
  });
}

function startFields() {
  $("#hue").addEventListener("input", () => mix({ hue: Number($("#hue").value) }, false));
  $("#hue").addEventListener("change", () => store.seal());
  const hex = $("#hex");
  hex.addEventListener("input", () => {
    const color = parseHex(hex.value);
    hex.setAttribute("aria-invalid", String(color === null));
    if (color && hex.value.replace("#", "").length === 6) store.setColor(color);
  });
  hex.addEventListener("change", () => {
    const color = parseHex(hex.value);
    if (color) store.setColor(color);
    hex.value = session.color;
    hex.setAttribute("aria-invalid", "false");
  });
  hex.addEventListener("keydown", (event) => event.key === "Enter" && hex.blur());
  hex.addEventListener("focus", () => hex.select());
  $("#pick-color").addEventListener("click", () => store.setSession({ tool: session.tool === "pick" ? "exact" : "pick" }));
}

/** A row of colours that are chosen by a click. */
export function chips(title, colors) {
  const row = element("div", { class: "chips", role: "group", "aria-label": title });
  for (const color of colors) {
    const chip = element("button", { class: "chip", type: "button", "data-color": color, title: color, "aria-label": `${title}, ${spoken(color)}` });
    chip.style.setProperty("--chip", color);
    chip.addEventListener("click", () => store.setColor(color));
    row.append(chip);
  }
  return element("div", { class: "tone" }, element("span", { class: "tone-name", "aria-hidden": "true" }, title), row);
}

function showTones() {
  $("#tones").replaceChildren(...TONES.map(({ name, colors }) => chips(t(name), colors)));
}

function showRecent() {
  const key = session.recent.join();
  if (key === tonesKey) return;
  tonesKey = key;
  $("#recent-colors").hidden = session.recent.length === 0;
  $("#recent-colors").replaceChildren(chips(t("Recent"), session.recent.slice(0, 8)));
}

/** On a phone: the colours used before, then those of the palette, one tap away. */
function showDock() {
  const suggested = paletteNow()?.colors || TONES.flatMap(({ colors }) => colors);
  const colors = [...new Set([...session.recent.slice(0, 6), ...suggested])];
  const key = `${colors}${document.documentElement.lang}`;
  if (key === dockKey) return;
  dockKey = key;
  $("#dock-colors").replaceChildren($(".chips", chips(t("Colour"), colors)));
  $("#dock-colors").scrollLeft = 0; // where those used before are
}

function show() {
  showDock();
  const { color } = session;
  if (fromHsv(hsv) !== color) hsv = { ...toHsv(color), ...(toHsv(color).saturation === 0 ? { hue: hsv.hue } : {}) };
  const root = document.documentElement.style;
  root.setProperty("--chosen", color);
  root.setProperty("--chosen-ink", inkOn(color));
  root.setProperty("--hue", fromHsv({ hue: hsv.hue, saturation: 1, value: 1 }));
  root.setProperty("--square-x", hsv.saturation);
  root.setProperty("--square-y", 1 - hsv.value);
  $("#square").setAttribute("aria-valuenow", Math.round(hsv.value * 100));
  $("#square").setAttribute("aria-valuetext", `${spoken(color)}, ${Math.round(hsv.saturation * 100)} %, ${Math.round(hsv.value * 100)} %`);
  if (document.activeElement !== $("#hue")) $("#hue").value = Math.round(hsv.hue);
  if (document.activeElement !== $("#hex")) $("#hex").value = color;
  $("#pick-color").setAttribute("aria-pressed", String(session.tool === "pick"));
  for (const chip of document.querySelectorAll(".chip")) chip.toggleAttribute("data-on", chip.dataset.color === color);
}

export function startColor() {
  startSquare();
  startFields();
  onLanguage(() => {
    tonesKey = "";
    showTones();
    showRecent();
    show();
  });
  showTones();
  store.onChange((what) => {
    if (what === "preview") return;
    showRecent();
    show();
  });
}
