// Several choices of colours for what nobody has coloured, thought of while nothing else is going on.
//
// Nobody waits for them: they are asked for when the page rests after a painting, and given up when anything else is
// begun. One answer is shown until the artist's own hints are others; those of a choice that was taken do not count.

import { api } from "./api.js";
import { loadImage } from "./dom.js";
import { baseHints, readHintFile } from "./hints.js";
import { followJob } from "./jobs.js";
import { hasChoices } from "./models.js";
import * as store from "./store.js";
import { jobOf } from "./studio.js";

export const COUNT = 6;
const REST_MS = 900;
const AGAIN_MS = 5000;
const { session } = store;

let room = null;
let asked = null; // {key, stop()}
let refused = ""; // the key that the server had no choices for
let timer = 0;

const isOffered = () => Boolean(session.room) && session.screen === "studio" && session.results.length > 0
  && hasChoices(store.doc(), session.status);
const isBusy = () => Boolean(session.job) || session.isPaintingLive || store.isMoving() || !session.isOnline;

function keyOf(doc) {
  const { zoom, lines, line_color: color, method } = jobOf("choices", doc);
  return JSON.stringify([session.room?.room, method, zoom, lines, color, baseHints(doc)]);
}

/** Those that are shown were thought of for other hints than there are now. */
export const areStale = () => session.choices !== null && session.choices.key !== keyOf(store.doc());
export const canTake = () => session.choices !== null && !session.job && !areStale();

function consider(what) {
  if (session.room?.room !== room) {
    room = session.room?.room;
    giveUp();
    session.choices = null;
    refused = "";
  }
  if (what === "regions") return;
  if (!isOffered() || isBusy()) return giveUp();
  const key = keyOf(store.doc());
  if (asked && asked.key !== key) giveUp();
  if (asked || refused === key || session.choices?.key === key) return;
  later(REST_MS);
}

function later(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(() => isOffered() && !isBusy() && !asked && ask(0), milliseconds);
}

function giveUp() {
  clearTimeout(timer);
  if (!asked) return;
  const { id, stop } = asked;
  asked = null;
  stop();
  if (id) api.cancelJob(id).catch(() => {});
  session.isChoosing = false;
}

async function ask(seed) {
  const document = store.doc();
  const mine = { key: keyOf(document), seed, id: null, stop: () => {} };
  asked = mine;
  store.setSession({ isChoosing: true });
  try {
    const wanted = { ...jobOf("choices", document), hints: baseHints(document), seed, count: COUNT };
    const job = await api.startJob(session.room.room, wanted);
    if (asked !== mine) return void api.cancelJob(job.job).catch(() => {});
    mine.id = job.job;
    mine.stop = followJob(job.job, { onProgress: () => {}, onStage: () => {}, onEnd: (end) => take(end, mine) });
  } catch (error) {
    end(mine, error.message);
  }
}

function end(mine, reason) {
  if (asked !== mine) return;
  asked = null;
  console.info("no choices: %s", reason);
  store.setSession({ isChoosing: false });
  later(AGAIN_MS);
}

async function take(job, mine) {
  if (asked !== mine) return;
  if (job.state === "failed") refused = mine.key;
  if (job.state !== "done") return end(mine, job.error?.message || job.state);
  const items = job.choices.map(({ hints, image }) => ({ image, hints: readHintFile(JSON.stringify({ hints })).hints }));
  await Promise.all(items.map(({ image }) => loadImage(image).catch(() => null))); // all at once, not one by one
  if (asked !== mine) return;
  asked = null;
  const choices = { key: mine.key, seed: mine.seed, items: items.filter(({ hints }) => hints.length > 0) };
  store.setSession({ choices, isChoosing: false });
}

/** Six others, in place of those that are shown. */
export function moreChoices() {
  if (!isOffered() || isBusy() || session.isChoosing) return;
  const { seed = -COUNT } = areStale() ? {} : session.choices || {};
  giveUp();
  ask(seed + COUNT);
}

export function startChoosing() {
  store.onChange(consider);
}
