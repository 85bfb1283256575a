// The picture or the painting as brush strokes, shown while they are laid. They go on when the window is closed.

import { api, unnamed } from "../api.js";
import { $, $$, loadImage } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { followJob } from "../jobs.js";
import { strokePainter } from "../models.js";
import { note, noteError, sentenceOf } from "../notices.js";
import * as store from "../store.js";
import { refreshRoom, showPainting } from "../studio.js";

const STAGE_WORDS = { search: "Laying strokes", paused: "Paused; the strokes wait.", colours: "Mixing the colours", draw: "Drawing the strokes", film: "Making the film" };
const FILES = ["png", "svg", "mp4"];
const SIZES = { any: {}, broad: { min_size: 0.05 }, fine: { max_size: 0.2 } }; // shares of the longer side
const { session } = store;
let room = null; // the drawing that the rest belongs to
let running = null; // {id, state, stage, fraction, position, isStopping, isPaused, stop()}
let result = null; // the last one, while its settings stand
let laid = null; // how many strokes it has
let problem = "";

const isOffered = () => Boolean(session.room && strokePainter(session.status));
const wantsResult = () => $("#strokes-source input:checked").value === "result" && store.currentResult();

export function openStrokes() {
  const dialog = $("#strokes");
  if (!isOffered() || dialog.open) return;
  if (!running && !result) {
    const wanted = store.currentResult() && session.view !== "sketch" ? "result" : "upload";
    $$("#strokes-source input").forEach((input) => { input.checked = input.value === wanted; });
    showSource();
  }
  dialog.showModal();
  show();
}

function showSource() {
  result = null;
  problem = "";
  const source = wantsResult();
  $("#strokes-image").src = source ? source.image : session.room.sketch;
  show();
}

async function start() {
  const [seed] = crypto.getRandomValues(new Uint32Array(1)); // pressed again, other strokes
  const mine = { id: null, state: "queued", stage: null, fraction: 0, position: 0, isStopping: false, isPaused: false, stop: () => {} };
  running = mine;
  result = null;
  problem = "";
  show();
  $("#strokes-stop").focus({ preventScroll: true, focusVisible: false });
  try {
    const job = await api.startJob(session.room.room, {
      model: strokePainter(session.status).name, source: wantsResult()?.id || null,
      strokes: {
        renderer: $("#strokes-brush").value, max_strokes: Number($("#strokes-count").value),
        ...SIZES[$("#strokes-size").value],
        canvas_color: $("#strokes-ground").value, seed: seed >>> 1,
      },
    });
    if (running !== mine) return;
    mine.id = job.job;
    mine.stop = followJob(job.job, {
      onProgress: ({ state, stage, fraction, position }) => {
        Object.assign(mine, { state, stage, fraction, position });
        show();
      },
      onStage: ({ image }) => showStage(image, mine),
      onEnd: (end) => finish(end, mine),
    });
    if (mine.isStopping) endEarly(mine);
  } catch (error) {
    if (running !== mine) return;
    running = null;
    problem = sentenceOf(error);
    show();
  }
}

/** What is laid stays; where nothing is laid yet, nothing is begun. */
const endEarly = ({ id, state }) => (state === "running" ? api.enough(id) : api.cancelJob(id)).catch(noteError);

function stop() {
  if (!running || running.isStopping) return;
  running.isStopping = true;
  show();
  if (running.id) endEarly(running);
}

async function pause() {
  const mine = running;
  if (!mine?.id || mine.isStopping) return;
  mine.isPaused = !mine.isPaused;
  show();
  await (mine.isPaused ? api.pause : api.resume)(mine.id).catch((error) => {
    mine.isPaused = !mine.isPaused;
    noteError(error);
    show();
  });
}

async function showStage(address, mine) {
  const picture = await loadImage(address).catch(() => null);
  if (picture && running === mine) $("#strokes-image").src = address;
}

/** How many strokes a result has, fewer than were asked for where somebody stopped; null where nobody knows. */
const countOf = ({ files }) => fetch(files.json).then((reply) => reply.json()).then(({ strokes }) => strokes.length).catch(() => null);

async function finish(end, mine) {
  if (running !== mine) return;
  if (end.state === "done") {
    const [count] = await Promise.all([countOf(end.result), loadImage(end.result.image).catch(() => {}), refreshRoom().catch(noteError)]);
    if (running !== mine) return;
    laid = count;
    $("#strokes-image").src = end.result.image;
    result = end.result;
  } else if (end.state === "failed") problem = end.error?.message || t("The strokes could not be laid.");
  const hadFocus = [$("#strokes-stop"), $("#strokes-pause")].includes(document.activeElement);
  running = null;
  show();
  if (hadFocus) $(result ? "#strokes-show" : "#strokes-start").focus({ focusVisible: false });
  if ($("#strokes").open) return;
  if (result) note(words(), { action: { name: t("Show"), run: openStrokes } });
  else if (problem) note(problem, { isError: true });
}

const canPause = () => running?.state === "running" && ["search", "paused"].includes(running.stage) && !running.isStopping;

function words() {
  if (problem) return problem;
  if (result && laid === null) return t("The strokes are laid.");
  if (result) return t("{n} of {count} strokes are laid.", { n: laid, count: result.strokes.max_strokes });
  if (!running) return "";
  if (running.isStopping) return t("Stopping…");
  if (running.state === "queued" && running.position > 0) return t("Number {n} in the queue", { n: running.position });
  return t(STAGE_WORDS[running.stage] || "Starting…");
}

function show() {
  $("#strokes-group").hidden = !isOffered();
  const isBusy = Boolean(running);
  $("#strokes-note").textContent = $("#strokes-words").textContent = words();
  $("#strokes-note").hidden = !isBusy;
  const bar = $("#strokes-bar");
  bar.hidden = !isBusy;
  if (running?.fraction > 0) bar.value = running.fraction;
  else bar.removeAttribute("value");
  $("#strokes-image").alt = result || isBusy ? t("Your picture, made of strokes") : t("The picture that becomes strokes");
  $("#strokes-settings").disabled = isBusy;
  $("#strokes-source").hidden = !store.currentResult();
  $("#strokes-start").hidden = isBusy;
  $("#strokes-start").textContent = result ? t("Lay them again") : t("Lay the strokes");
  $("#strokes-start").disabled = !session.isOnline;
  $("#strokes-pause").hidden = !isBusy;
  $("#strokes-pause").disabled = !canPause();
  $("#strokes-pause").textContent = running?.isPaused ? t("Go on") : t("Pause");
  $("#strokes-stop").hidden = !isBusy;
  $("#strokes-stop").disabled = Boolean(running?.isStopping);
  $("#strokes-result").hidden = !result;
  for (const format of FILES) {
    const link = $(`#strokes-${format}`);
    const address = result && (format === "png" ? unnamed(result.exports.png) : result.files[format]);
    link.hidden = !address;
    if (address) Object.assign(link, { href: address, download: `${session.room?.name || "s2p"}-${t("Strokes")}.${format}` });
  }
}

function follow(what) {
  if (what === "preview") return;
  if (session.room?.room !== room) {
    room = session.room?.room;
    running?.stop();
    running = result = null;
    problem = "";
    $("#strokes").close();
  }
  show();
}

export function startStrokes() {
  const dialog = $("#strokes");
  $("#open-strokes").addEventListener("click", openStrokes);
  $("#strokes-start").addEventListener("click", start);
  $("#strokes-pause").addEventListener("click", pause);
  $("#strokes-stop").addEventListener("click", stop);
  $("#strokes-show").addEventListener("click", () => {
    const painting = result;
    dialog.close();
    showPainting(painting).catch(noteError);
  });
  $$("#strokes-source input").forEach((input) => input.addEventListener("change", showSource));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  store.onChange(follow);
  onLanguage(show);
}
