// Opening a drawing, painting it, and going back to earlier results.

import { api, refusal } from "./api.js";
import { changePage, chapterOf } from "./chapters.js";
import { loadImage } from "./dom.js";
import { followJob } from "./jobs.js";
import { MAX_HINTS, baseHints, ownHints, readHintFile } from "./hints.js";
import { t } from "./i18n.js";
import { announce, note, noteError } from "./notices.js";
import { uses } from "./models.js";
import { forgetDrawing, keepJob, rememberDrawing, drawings, stateOf } from "./persist.js";
import { paletteOf } from "./palettes.js";
import { fit, imageOf, sketchUrl, whenLoaded } from "./stage.js";
import * as store from "./store.js";

const { session } = store;
const STAGE_VIEW = { draft: "draft", compose: "draft" };
let stopFollowing = null;
let isStarting = false;

/** The name a room goes by on this browser; the server knows only its id. */
const nameOf = (room) => [...drawings(), ...(chapterOf(room)?.pages || [])].find((drawing) => drawing.room === room)?.name || "";

export const stem = (name) => (name || "").replace(/\.\w+$/, "");

/** Raises an error where a file has more bytes than the server takes. */
export function checkSize({ size }) {
  const limit = session.status?.limits?.upload_bytes;
  if (!limit || size <= limit) return;
  const mega = (bytes) => (bytes / 1e6).toFixed(1);
  throw refusal(t("This picture has {size} MB; at most {limit} MB are accepted.", { size: mega(size), limit: mega(limit) }));
}

/** Sends a picture to the server and opens it. */
export async function openPicture(file) {
  checkSize(file);
  await bringIn(() => api.createRoom(file), stem(file.name));
  session.brought = { room: session.room.room, file };
  store.setSession({});
}

/** Opens another page or layer of the file that was opened last. The other layers of a drawing take its hints. */
export async function openOther(choice) {
  const { file } = session.brought;
  const { room: before, results } = session;
  const { hints, suggested, chosen } = store.doc();
  const create = async () => {
    const made = await api.createRoom(file, choice);
    const { width, height, sketch } = made;
    changePage(before.room, { room: made.room, width, height, sketch, thumb: null, icon: null, result: null }); // in its place
    return made;
  };
  await bringIn(create, before.name, "layer" in choice ? { hints, suggested, chosen } : {});
  session.brought = { room: session.room.room, file };
  store.setSession({});
  if (results.length > 0) return;
  forgetDrawing(before.room); // nothing was painted of it
  await api.deleteRoom(before.room);
}

/** Has the server fetch a picture from the web, where that is switched on, and opens it. */
export const openAddress = (url) => bringIn(() => api.createRoomFrom(url));

async function bringIn(create, name = "", doc = {}) {
  document.body.dataset.busy = "upload";
  try {
    const room = await create();
    enter(room, { name: name || stem(room.name) || t("Sketch"), doc });
  } finally {
    delete document.body.dataset.busy;
  }
}

/** Opens a sample with its hints and paints it: one click to a result. */
export async function openSample(sample) {
  const room = await api.openSample(sample.name);
  enter(room, { name: t(sample.title), doc: { hints: readHintFile(JSON.stringify({ hints: room.hints || [] })).hints } });
  await paint();
}

/** Opens a room that this browser knows (after a refresh, or from the shelf); `doc` is for one that was never open. */
export async function reopen(id, { name = nameOf(id), doc = {} } = {}) {
  try {
    const room = await api.room(id);
    enter(room, { name: name || stem(room.name), doc, kept: stateOf(id) });
  } catch (error) {
    if (error.status === 404) {
      forgetDrawing(id);
      leave();
    }
    throw error;
  }
}

function enter(room, { name, doc = {}, kept = null }) {
  store.save();
  stopFollowing?.();
  const { room: id, width, height, sketch } = room;
  if (!chapterOf(id)) rememberDrawing({ room: id, name, sketch, width, height }); // pages are kept with their chapter
  const results = [...(room.results || [])];
  const isKnown = results.some((result) => result.id === kept?.resultId);
  store.setMade(kept?.made);
  Object.assign(session, {
    screen: "studio", room: { ...room, name }, results, selected: -1, cursor: null, stage: null, preview: null, job: null, split: 0.5,
    resultId: isKnown ? kept.resultId : results.at(-1)?.id || null,
    view: kept && (isKnown || kept.view === "sketch") ? kept.view : results.length ? "result" : "sketch",
    tool: kept?.tool || "exact", palette: paletteOf(id, kept),
  });
  if (location.hash !== `#${id}`) history.pushState(null, "", `#${id}`);
  store.openDoc(doc, kept?.history);
  store.setShown(store.doc());
  store.setSession({}, "screen");
  fit();
  if (kept?.job) resume(kept.job);
}

/** Back to the first screen. The drawing stays on the server and on the shelf; a running job goes on. */
export function leave() {
  store.save();
  stopFollowing?.();
  stopFollowing = null;
  if (location.hash) history.pushState(null, "", location.pathname + location.search);
  store.setSession({ screen: "start" }, "screen");
  Object.assign(session, { room: null, job: null, stage: null, preview: null, results: [], resultId: null, selected: -1 });
  store.openDoc({});
}

export async function refreshRoom() {
  const { room } = session;
  if (!room) return;
  const fresh = await api.room(room.room);
  if (session.room?.room !== room.room) return;
  store.setSession({ room: { ...fresh, name: room.name }, results: fresh.results || [] });
}

// Jobs

/** What the server is asked for; settings that the chosen painter does not use are left at their defaults. */
export function jobOf(kind, doc = store.doc()) {
  const { model, method, hints } = doc;
  const isUsed = (use) => uses(model, use, session.status);
  const finish = {
    output_size: doc.outputSize,
    ...(isUsed("ink") ? { line_color: doc.lines === "coloured" ? doc.lineColor : null } : {}),
    ...(isUsed("ink") && doc.lines !== null ? { lines: doc.lines } : {}),
    ...(isUsed("intake") && doc.intake !== null ? { intake: doc.intake } : {}),
    ...(isUsed("weights_set") && doc.weightsSet !== null ? { weights_set: doc.weightsSet } : {}),
    ...(isUsed("shading") && doc.shading !== null ? { shading: doc.shading } : {}),
  };
  return {
    kind, model, hints, ...finish,
    ...(isUsed("method") ? { method } : {}),
    ...(isUsed("reference") ? { mix: doc.reference ? doc.mix : 0, reference: doc.reference?.id || null } : {}),
    ...(doc.tags.length && isUsed("tags") && method !== "rendering" ? { [model]: { tags: doc.tags } } : {}),
    ...(isUsed("zoom") && doc.zoom !== null ? { zoom: doc.zoom } : {}),
    ...(isUsed("super_resolution") && doc.superResolution !== null ? { super_resolution: doc.superResolution } : {}),
  };
}

async function start(kind) {
  if (session.room && !session.job && !isStarting) await begin(kind);
}

/** Paints with another document than the artist's. */
export const paintAs = (document) => begin("paint", document);

async function begin(kind, document = store.doc()) {
  isStarting = true;
  const { room } = session.room;
  store.setSession({ job: { kind, state: "queued", position: 0, fraction: 0 }, stage: null, selected: session.brush ? session.selected : -1 });
  try {
    const job = await api.startJob(room, kind === "suggest" ? suggestionOf(document) : jobOf(kind, document));
    if (session.room?.room === room) follow(job, document);
    else keepJob(room, job.job); // whoever has left meanwhile finds it when they are back
  } catch (error) {
    store.setSession({ job: null });
    noteError(error);
  } finally {
    isStarting = false;
  }
}

export const paint = () => start("paint");
export const extractLines = () => start("prepare");
/** Colours for what has none yet, in place of those filled in before; then they are painted. */
export const fillTheRest = () => start("suggest");

/** Another seed every time, so that pressing again shows other colours. */
function suggestionOf(document) {
  const [seed] = crypto.getRandomValues(new Uint32Array(1));
  return { ...jobOf("suggest", document), hints: ownHints(document), seed: seed >>> 1 };
}

async function resume(id) {
  try {
    const job = await api.job(id);
    if (["queued", "running"].includes(job.state)) follow(job, store.doc());
    else if (job.state === "done" && (job.result || job.hints)) finish(job, store.doc());
  } catch (error) {
    if (!error.isOffline && error.status !== 404) noteError(error);
  }
}

function follow(job, document) {
  store.setSession({ job });
  announce(job.kind === "suggest" ? t("Looking for colours.") : t("Painting has started."));
  stopFollowing = followJob(job.job, {
    onProgress: (next) => store.setSession({ job: { ...session.job, ...next } }),
    onStage: (stage) => showStage(stage),
    onEnd: (end) => finish({ ...job, ...end }, document),
  });
}

function showStage(stage) {
  if (!stage.image) return;
  imageOf(stage.image);
  const view = session.view === "sketch" ? STAGE_VIEW[stage.stage] || "result" : session.view;
  store.setSession({ stage, view: session.results.length ? session.view : view });
}

async function finish(job, document) {
  stopFollowing = null;
  const message = job.error?.message || job.error;
  if (job.state === "failed") note(message || t("The painting failed."), { isError: true, action: { name: t("Try again"), run: () => start(job.kind) } });
  if (job.state === "cancelled") note(t("Cancelled. Nothing was changed."));
  if (job.state !== "done") {
    store.setSession({ job: null, stage: null, preview: null, view: session.results.length || session.view === "sketch" ? session.view : "sketch" });
    return;
  }
  const left = session.room?.room;
  await refreshRoom().catch(noteError);
  if (!left || session.room?.room !== left) return; // whoever has left finds the painting when they are back
  if (job.kind === "prepare") showLines();
  else if (job.kind === "suggest") await takeSuggestion(job);
  else if (job.result) await showResult(job.result, document);
  else store.setSession({ job: null, stage: null });
}

/** Shows a painting that followed the hand, unless the hand or the person has gone on to something else. */
export async function showLive(result, document) {
  const { room } = session.room;
  await whenLoaded(result.image);
  if (session.room?.room !== room) return;
  store.rememberMade(result, document);
  const isGone = !store.currentResult(); // the painting before made room for this one
  const isCurrent = store.doc() === document && !session.job;
  if (!isGone && !isCurrent) return;
  if (isCurrent) store.setShown(document);
  store.setSession({ resultId: result.id, ...(isCurrent ? { preview: null } : {}) });
}

/** The view that shows a painting: whoever compares goes on comparing. */
const resultView = () => (session.view === "compare" ? "compare" : "result");

/** Shows a painting as soon as it can be drawn, so that nothing older flashes up. */
async function showResult(result, document) {
  const { room } = session.room;
  await whenLoaded(result.image);
  if (session.room?.room !== room) return;
  store.rememberMade(result, document);
  store.setShown(document);
  const isListed = session.results.some((other) => other.id === result.id);
  const results = isListed ? session.results : [...session.results, result];
  const view = resultView();
  store.setSession({ results, resultId: result.id, view, job: null, stage: null, preview: null });
  announce(t("The painting is ready."));
  const words = (result.unfound || []).map((name) => name.replaceAll("_", " ")).join(", ");
  if (words) note(t("Nothing in the drawing was taken for: {words}.", { words }));
}

/** Adds the colours as ordinary hints, one step that can be undone, and paints with them. */
async function takeSuggestion({ job: id, room, hints }) {
  while (store.isMoving()) await new Promise((done) => setTimeout(done, 50)); // the hand ends its own step first
  if (session.room?.room !== room || (session.job && session.job.job !== id)) return;
  const { hints: suggested } = readHintFile(JSON.stringify({ hints }));
  if (suggested.length === 0 || session.job?.isCancelling) {
    store.setSession({ job: null, stage: null });
    return note(suggested.length ? t("Cancelled. Nothing was changed.") : t("Everything large has a colour already."));
  }
  session.selected = -1;
  store.commit({ hints: [...ownHints(store.doc()), ...suggested].slice(0, MAX_HINTS), suggested });
  await begin("paint");
}

/** Adds a choice's colours as ordinary hints in place of the choice before, one step that can be undone, and paints. */
export async function takeChoice({ hints, image }, number) {
  if (!session.room || session.job || isStarting) return;
  session.selected = -1;
  store.commit({ hints: [...baseHints(store.doc()), ...hints].slice(0, MAX_HINTS), suggested: [], chosen: hints });
  const document = store.doc();
  announce(t("The colours of choice {n} were added.", { n: number }));
  const painting = begin("paint");
  const small = await loadImage(image).catch(() => null);
  const view = resultView();
  if (small && session.job && store.doc() === document) store.setSession({ preview: small, view });
  await painting;
}

function showLines() {
  imageOf(sketchUrl());
  store.setSession({ job: null, stage: null, view: "sketch" });
  note(t("These are the lines of your picture. You can save them from the Save menu."));
}

export async function cancel() {
  const id = session.job?.job;
  if (!id) return;
  store.setSession({ job: { ...session.job, isCancelling: true } });
  await api.cancelJob(id).catch(noteError);
}

/** Shows a painting of this drawing as soon as it can be drawn; the hints stay as they are. */
export async function showPainting({ id, image }) {
  const { room } = session.room;
  await whenLoaded(image);
  if (session.room?.room !== room || !session.results.some((other) => other.id === id)) return;
  store.setSession({ resultId: id, view: resultView(), preview: null, selected: -1 });
}

/** One click back: shows an earlier result and brings its hints and settings back, as one step that can be undone. */
export async function backTo(result) {
  if (!uses(result.model, "hints", session.status)) return showPainting(result); // strokes and styles have nothing to bring back
  store.setSession({ resultId: result.id, view: resultView(), preview: null, selected: -1 });
  const { hints } = readHintFile(await api.hintsOf(result.hints));
  const known = store.docOf(result) || {
    model: result.model || store.EMPTY_DOC.model, method: result.method, mix: result.mix, zoom: result.zoom ?? null, intake: result.intake === "off" ? "off" : null, shading: result.shading ?? null, weightsSet: result.weights_set ?? null, lines: result.line_color ? "coloured" : result.lines ?? null,
    ...(result.line_color ? { lineColor: result.line_color } : {}),
    tags: result[result.model]?.tags || [],
    reference: session.room.references?.find((reference) => reference.id === result.reference) || null,
  };
  if (session.resultId !== result.id) return;
  store.setShown({ ...store.doc(), ...known, hints });
  store.rememberMade(result, store.shownDoc());
  if (JSON.stringify({ ...store.doc(), ...known, hints }) === JSON.stringify(store.doc())) return;
  store.commit({ ...known, hints });
  announce(t("Went back to this result with its hints."));
}
