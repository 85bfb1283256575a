// Every action has a key. One table makes both the keys and the sheet that lists them.

import { dab, isBrushing } from "./brushing.js";
import { spoken } from "./color_names.js";
import { $, element } from "./dom.js";
import { makeHint } from "./hints.js";
import { moreChoices } from "./choices.js";
import { hasAnchors } from "./models.js";
import { t } from "./i18n.js";
import { announce, noteError } from "./notices.js";
import { cancelPages, chapterNow, stepPage } from "./pages.js";
import { reachChoices } from "./panels/choices.js";
import { cancelGesture, setSpace } from "./pointer.js";
import { isPartLocked, recolorPart, sayLocked, toggleLock } from "./parts.js";
import { isFilledNow, pointAt, snapped } from "./pointing.js";
import * as stage from "./stage.js";
import * as store from "./store.js";
import { cancel, fillTheRest, paint } from "./studio.js";

const STEP = 12; // screen pixels; with Alt 1
const { session } = store;

const setTool = (tool) => store.setSession({ tool });
const isViewThere = (view) => (view === "draft" ? stage.isDraftThere() : view === "sketch" || session.resultId);
const setView = (view) => isViewThere(view) && store.setSession({ view });
const areAnchorsShown = () => hasAnchors(store.doc(), session.status, session.expert);

/** Where the keyboard's cross is; it starts in the middle of the picture. */
const cross = () => session.cursor || { x: 0.5, y: 0.5 };

function moveCross(dx, dy, event) {
  const at = stage.screenOf(cross());
  const step = event.altKey ? 1 : STEP;
  const clamp = (v) => Math.min(1, Math.max(0, v));
  const next = stage.pictureOf({ x: at.x + dx * step, y: at.y + dy * step });
  const cursor = { x: clamp(next.x), y: clamp(next.y) };
  if (event.shiftKey && session.selected >= 0) {
    store.editHint(session.selected, cursor, `move ${session.selected}`);
  }
  pointAt(cursor);
  store.setSession({ cursor });
  stage.reveal(cursor);
}

const percent = (point) => ({ x: Math.round(point.x * 100), y: Math.round(point.y * 100) });

function useTool() {
  const { tool, color } = session;
  const at = stage.screenOf(cross());
  store.setSession({ cursor: cross() });
  if (tool === "pick") return store.setColor(stage.colorAt(cross()) || color);
  if (session.view === "compare") store.setSession({ view: "result" });
  if (isBrushing()) return dab(cross());
  if (tool === "erase") return eraseHere();
  if (tool === "part") return recolorPart(cross());
  if (tool === "lock") return toggleLock(cross());
  if (isPartLocked(cross())) return sayLocked();
  const hit = stage.hintAt(at, 0);
  if (hit >= 0) return store.setSession({ selected: session.selected === hit ? -1 : hit });
  store.session.selected = -1;
  try {
    const { x, y } = snapped(cross());
    store.placeHint(makeHint(x, y, color, tool === "draft" ? "draft" : "exact"));
  } catch (error) {
    return noteError(error);
  }
  store.useColor(color);
  announce(t("Hint placed at {x} %, {y} %.", percent(cross())));
}

function eraseHere() {
  const index = session.selected >= 0 ? session.selected : session.cursor ? stage.hintAt(stage.screenOf(cross()), 0) : -1;
  if (index < 0) return;
  store.eraseHint(index);
  announce(t("Hint erased."));
}

function stepHints(direction) {
  const { hints } = store.doc();
  if (hints.length === 0) return;
  const from = session.selected < 0 && direction < 0 ? 0 : session.selected;
  const selected = (from + direction + hints.length) % hints.length;
  const { x, y, color, kind } = hints[selected];
  store.setSession({ selected, cursor: { x, y }, showHints: true });
  stage.reveal({ x, y });
  const values = { n: selected + 1, color: spoken(color), ...percent({ x, y }) };
  if (!areAnchorsShown()) announce(t("Hint {n}, {color}, at {x} %, {y} %.", values));
  else announce(t(kind === "draft" ? "Draft anchor {n}, {color}, at {x} %, {y} %." : "Exact hint {n}, {color}, at {x} %, {y} %.", values));
}

export function changeKind() {
  const hint = store.doc().hints[session.selected];
  if (hint && areAnchorsShown()) store.editHint(session.selected, { kind: hint.kind === "draft" ? "exact" : "draft" });
}

export function recolor() {
  const hint = store.doc().hints[session.selected];
  if (hint && hint.color !== session.color) store.editHint(session.selected, { color: session.color });
}

function escape() {
  if (cancelGesture()) return;
  if (document.body.dataset.sheet) $("#sheet-grip").click();
  else if (session.brush) store.setSession({ brush: null });
  else if (session.selected >= 0 || session.cursor) {
    pointAt(null);
    store.setSession({ selected: -1, cursor: null });
  }
  else if (session.job) cancel();
  else cancelPages();
}

const click = (selector) => () => $(selector).click();

/** Goes to a control, which on a phone may lie in the closed sheet. */
function reach(selector) {
  if (!$(selector).checkVisibility({ visibilityProperty: true })) $("#open-sheet").click();
  $(selector).focus();
}

// [keys, shown keys, sentence, action, options]; options.canvas: only while the canvas has the focus
const TABLE = [
  ["Tools", [
    [["d"], "D", "Exact hint", () => setTool("exact")],
    [["a"], "A", "Draft anchor", click("[data-tool=draft]"), { anchors: true }],
    [["e"], "E", "Eraser", () => setTool("erase")],
    [["i"], "I", "Eyedropper (or hold Alt)", () => setTool("pick")],
    [["6"], "6", "Recolour parts", click("[data-tool=part]"), { choices: true }],
    [["7"], "7", "Lock a part", click("[data-tool=lock]"), { choices: true }],
    [["v"], "V", "Move the view (or hold Space)", () => setTool("pan")],
    [["h"], "H", "Show or hide the hints", click("#show-hints")],
    [["x"], "X", "Go to the colour used before", () => session.recent[1] && store.setColor(session.recent.find((color) => color !== session.color))],
  ]],
  ["Drawing", [
    [["z", "ctrl+z"], "Z", "Undo", store.undo],
    [["y", "ctrl+y", "ctrl+shift+z", "shift+z"], "Y", "Redo", store.redo],
    [["p", "ctrl+enter"], "P", "Paint", () => paint()],
    [["f"], "F", "Fill the rest", () => fillTheRest()],
    [["u"], "U", "Like the page before", click("#like-before"), { pages: true }],
    [["pageup"], "PgUp", "Page before", () => stepPage(-1), { pages: true }],
    [["pagedown"], "PgDn", "Next page", () => stepPage(1), { pages: true }],
    [["j"], "J", "Go to the choices", reachChoices, { choices: true }],
    [["n"], "N", "Other choices", moreChoices, { choices: true }],
    [["escape"], "Esc", "Let go, then cancel the painting", escape],
    [["s", "ctrl+s"], "S", "Save", click("#open-save")],
    [["l"], "L", "Hints", click("#open-hints")],
    [["r"], "R", "Take colours from a picture", click("#add-reference")],
    [["g"], "G", "Make a sketch of it", click("#make-sketch")],
    [["w"], "W", "Paint it with strokes", click("#open-strokes")],
    [["q"], "Q", "Paint it in a style", click("#open-styles")],
    [["m"], "M", "Choose the painter", () => reach("#model")],
    [["b"], "B", "Live preview on or off", () => $("#live-setting").hidden || $("#live-switch").click()],
    [["o", "ctrl+o"], "O", "Choose a sketch", click("#choose"), { everywhere: true }],
  ]],
  ["View", [
    [["2"], "2", "Sketch", () => setView("sketch")],
    [["3"], "3", "Draft", () => setView("draft")],
    [["4"], "4", "Result", () => setView("result")],
    [["5"], "5", "Compare", () => setView("compare")],
    [["+", "="], "+", "Zoom in", () => stage.zoomBy(1.25)],
    [["-", "_"], "−", "Zoom out", () => stage.zoomBy(0.8)],
    [["0"], "0", "Show the whole picture", stage.fit],
    [["1"], "1", "Actual size", () => stage.zoomTo(1)],
  ]],
  ["On the canvas", [
    [["arrowleft"], "←", "Move the cross", (event) => moveCross(-1, 0, event), { canvas: true }],
    [["arrowright"], "→", null, (event) => moveCross(1, 0, event), { canvas: true }],
    [["arrowup"], "↑", null, (event) => moveCross(0, -1, event), { canvas: true }],
    [["arrowdown"], "↓", null, (event) => moveCross(0, 1, event), { canvas: true }],
    [["enter"], "Enter", "Use the tool at the cross", useTool, { canvas: true }],
    [["]"], "]", "Next hint", () => stepHints(1)],
    [["["], "[", "Hint before", () => stepHints(-1)],
    [["delete", "backspace"], "Delete", "Erase the selected hint", eraseHere],
    [["c"], "C", "Give it the chosen colour", recolor],
    [["k"], "K", "Exact hint or draft anchor", changeKind, { anchors: true }],
    [["8"], "8", "Widen its region", click("#hint-widen"), { choices: true }],
    [["9"], "9", "Narrow its region", click("#hint-narrow"), { choices: true }],
    [[], "Shift ← →", "Move the selected hint", null],
  ]],
  ["Page", [
    [["t"], "T", "Light or dark", click("#theme"), { everywhere: true }],
    [["?"], "?", "Keyboard shortcuts", click("#help"), { everywhere: true }],
  ]],
];

const ROWS = TABLE.flatMap(([, rows]) => rows);
const isTyping = (target) => target.closest?.("input:not([type=radio], [type=checkbox]), select, textarea");
const needsItsKeys = (target, key) => /^(enter| |arrow.*)$/.test(key) && target.closest?.("button, a, input, select, [role=slider]");

const CODES = { BracketLeft: "[", BracketRight: "]", Minus: "-", Equal: "=" };

/** What a key says by its place, as on a keyboard of the United States; null for keys that print nothing. */
const keyAt = (code) => /^(?:Key|Digit)(\w)$/.exec(code)?.[1].toLowerCase() ?? CODES[code] ?? null;

/** What was pressed: as it is printed on the keys and, for letters that are not Latin, as the same place says elsewhere.
 *  AltGr is no Ctrl, although Windows says so. */
function chordsOf(event) {
  const isAltGr = event.getModifierState?.("AltGraph");
  const chord = (key) => {
    const isPrinted = key.length === 1 && !/[a-z]/.test(key);
    const shift = event.shiftKey && !isPrinted && !key.startsWith("arrow");
    return `${(event.ctrlKey || event.metaKey) && !isAltGr ? "ctrl+" : ""}${shift ? "shift+" : ""}${key}`;
  };
  const key = event.key.toLowerCase();
  const isLatin = /^[\x20-\x7e]$/.test(key) && !/^\d$/.test(keyAt(event.code) || "");
  const place = isLatin || isAltGr ? null : keyAt(event.code);
  return [chord(key), ...(place && place !== key ? [chord(place)] : [])];
}

function onKeyDown(event) {
  if (document.querySelector("dialog[open], :popover-open") || event.isComposing) return;
  const onCanvas = event.target === $("#canvas");
  if (event.key === " " && onCanvas) {
    event.preventDefault();
    return setSpace(true);
  }
  const chords = chordsOf(event);
  const [chord] = chords;
  if (isTyping(event.target) && !(event.target.type === "range" && chord.length === 1)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (needsItsKeys(event.target, chord)) return;
  const rowOf = (wanted) => ROWS.find(([keys, , , , options]) => keys.includes(wanted) && (!options?.canvas || onCanvas) && (!options?.pages || chapterNow())
    && (options?.everywhere || session.screen === "studio"));
  const row = chords.map(rowOf).find(Boolean);
  if (!row) return;
  event.preventDefault();
  row[3](event);
}

/** The names of what works differently where drawings are filled. */
const FILLED_WORDS = { "Exact hint": "Hint", Draft: "Regions" };

/** Fills the sheet anew, in the language of the moment, with what there is at the moment. */
export function listShortcuts() {
  const list = $("#shortcut-list");
  const isThere = ({ anchors, choices, pages } = {}) => (!anchors || areAnchorsShown()) && (!choices || isFilledNow()) && (!pages || chapterNow());
  const nameOf = (sentence) => {
    if (sentence === "Exact hint" && areAnchorsShown()) return sentence;
    return (isFilledNow() && FILLED_WORDS[sentence]) || sentence;
  };
  list.replaceChildren();
  for (const [title, rows] of TABLE) {
    const part = element("section", {}, element("h3", {}, t(title)));
    const shown = rows.filter(([, , sentence, , options]) => sentence && isThere(options));
    for (const [, key, sentence] of shown) {
      const name = title === "On the canvas" && key === "←" ? "← → ↑ ↓" : key;
      part.append(element("p", {}, element("span", {}, t(nameOf(sentence))), element("kbd", {}, name)));
    }
    list.append(part);
  }
}

export function startKeyboard() {
  addEventListener("keydown", onKeyDown);
  addEventListener("keyup", (event) => {
    if (event.key === " ") setSpace(false);
    if (event.key === "Shift") store.seal(); // the moves of a hint while Shift is held are one step
  });
  addEventListener("blur", () => setSpace(false));
}
