// While a hint moves, a small quick painting follows it; when the hand rests, the full painting takes its place.
//
// One preview is asked for at a time, so they cannot queue up. One that waits behind somebody's painting is replaced by
// a newer one; the server drops the older. The full painting is an ordinary one that takes the place of the one before,
// so the strip of results does not fill with every rest of the hand. It is given up when the hand moves on. Before the first
// painting that somebody asks for there are previews alone; for the first of them the lines are cleaned.

import { api } from "./api.js";
import { loadImage } from "./dom.js";
import { followJob } from "./jobs.js";
import { uses } from "./models.js";
import * as store from "./store.js";
import { jobOf, refreshRoom, showLive } from "./studio.js";

const REST_MS = 900;
const STALE_MS = 250;
const PAUSE_MS = 3000;
const { session } = store;

let seen = null; // the document that was looked at last
let isAsking = false;
let isPreparing = false;
let asked = null; // {id, inputs, since, isRunning, stop}
let previewed = ""; // the inputs of the preview that is shown
let pausedUntil = 0;
let restTimer = 0;
let full = null; // {id, inputs, stop}

/** The server is quick enough, and the chosen painter can do it. */
export const isLiveOffered = () => session.status?.preview === true && uses(store.doc().model, "preview", session.status);

const isFirst = () => session.results.length === 0;
const isLive = () => isLiveOffered() && session.live && session.isOnline && session.room && !session.job
  && (["draft", "result"].includes(session.view) || isFirst()) && (isPrepared() || store.doc().hints.length > 0);
const isPrepared = () => Boolean(session.room.prepared?.[store.doc().method]);
const inputsOf = (doc) => JSON.stringify([session.room?.room, jobOf("paint", doc)]);
const isShown = () => inputsOf(store.doc()) === inputsOf(store.shownDoc());

function consider(what) {
  if (what === "screen" || session.job) return letGo();
  if (store.doc() === seen) return;
  seen = store.doc();
  if (!isLive()) return;
  giveUpFull();
  if (isShown()) {
    clearTimeout(restTimer);
    if (session.preview) store.setSession({ preview: null });
    return;
  }
  restSoon();
  askPreview();
}

/** Another drawing, or the person paints: nothing that follows the hand may come in between. */
function letGo() {
  clearTimeout(restTimer);
  asked?.stop();
  asked = null;
  previewed = "";
  giveUpFull();
}

// Previews

async function askPreview() {
  const inputs = inputsOf(store.doc());
  const now = performance.now();
  if (!isLive() || isShown() || isAsking || now < pausedUntil || inputs === previewed || inputs === asked?.inputs) return;
  if (asked && (asked.isRunning || now - asked.since < STALE_MS)) return; // its end asks again
  if (!isPrepared()) return prepare();
  isAsking = true;
  try {
    const { room } = session.room;
    const job = await api.startJob(room, jobOf("preview"));
    asked?.stop();
    const mine = { id: job.job, inputs, since: performance.now(), isRunning: false, stop: () => {} };
    asked = mine;
    mine.stop = followJob(job.job, {
      onProgress: (next) => { mine.isRunning = next.state === "running"; },
      onStage: () => {},
      onEnd: (end) => showPreview(end, mine, room),
    });
  } catch (error) {
    pause(error.message);
  } finally {
    isAsking = false;
  }
}

/** Has the lines cleaned that the first preview needs. */
async function prepare() {
  if (isPreparing) return;
  isPreparing = true;
  const { room } = session.room;
  try {
    const job = await api.startJob(room, jobOf("prepare"));
    const end = await new Promise((onEnd) => followJob(job.job, { onProgress: () => {}, onStage: () => {}, onEnd }));
    if (end.state !== "done") throw new Error(end.error?.message || end.state);
    if (session.room?.room === room) await refreshRoom();
  } catch (error) {
    pause(error.message);
  }
  isPreparing = false;
  if (session.room && (session.room.room !== room || isPrepared())) askPreview(); // another drawing has waited for this one
}

async function showPreview(end, mine, room) {
  if (asked === mine) asked = null;
  if (end.state === "failed") pause(end.error?.message);
  if (end.state !== "done") return askPreview();
  const loading = loadImage(end.result.image).catch(() => null);
  askPreview(); // the next one is painted while this one comes
  const image = await loading;
  if (!image || session.room?.room !== room || !isLive() || isShown()) return;
  previewed = mine.inputs;
  store.setSession({ preview: image, ...(isFirst() && session.view === "sketch" ? { view: "result" } : {}) });
}

function pause(reason) {
  console.info("no preview: %s", reason);
  pausedUntil = performance.now() + PAUSE_MS;
}

// The full painting

function restSoon() {
  clearTimeout(restTimer);
  restTimer = setTimeout(paintFull, REST_MS);
}

async function paintFull() {
  if (!isLive() || isShown() || full || isFirst()) return;
  if (store.isMoving()) return restSoon();
  const made = store.doc();
  const { room } = session.room;
  const mine = { id: null, stop: () => {} };
  full = mine;
  store.setSession({ isPaintingLive: true });
  try {
    const job = await api.startJob(room, { ...jobOf("paint", made), live: true });
    mine.id = job.job;
    if (full !== mine) return void api.cancelJob(job.job).catch(() => {}); // the hand has moved on meanwhile
    mine.stop = followJob(job.job, { onProgress: () => {}, onStage: () => {}, onEnd: (end) => takeFull(end, mine, made, room) });
  } catch (error) {
    pause(error.message);
    endFull(mine);
  }
}

async function takeFull(end, mine, made, room) {
  if (end.state !== "done" || session.room?.room !== room) return endFull(mine);
  await refreshRoom().catch((error) => console.info("the room could not be read: %s", error.message));
  if (session.room?.room === room) await showLive(end.result, made);
  endFull(mine);
  if (!isShown() && isLive()) restSoon();
}

function giveUpFull() {
  if (!full) return;
  const { id } = full;
  if (id) api.cancelJob(id).catch(() => {});
  endFull(full);
}

function endFull(mine) {
  if (full !== mine) return;
  full = null;
  store.setSession({ isPaintingLive: false });
}

export function startLive() {
  store.onChange(consider);
}
