// From a coloured picture to a sketch: the lines are drawn by the server, shown, and can be painted or saved.

import { api } from "../api.js";
import { $, $$, loadImage } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { followJob } from "../jobs.js";
import { noteError, sentenceOf } from "../notices.js";
import * as store from "../store.js";
import { openPicture } from "../studio.js";

const { session } = store;
let running = null; // {id, stop}
let drawn = null; // address of the lines

export function openSketchDialog() {
  if (!session.room || $("#sketch").open) return;
  const hasResult = Boolean(store.currentResult());
  const wanted = hasResult && session.view !== "sketch" ? "result" : "upload";
  $$("#sketch-source input").forEach((input) => { input.checked = input.value === wanted; });
  $("#sketch-source").hidden = !hasResult;
  $("#sketch").showModal();
  draw();
}

function stop() {
  if (!running) return;
  running.stop();
  api.cancelJob(running.id).catch(() => {});
  running = null;
}

function show({ words = "", isBusy = false } = {}) {
  $("#sketch-bar").hidden = !isBusy;
  $("#sketch-words").textContent = words;
  $("#sketch-image").hidden = !drawn;
  $("#sketch-paint").disabled = !drawn;
  if (drawn) {
    $("#sketch-save").href = drawn;
    $("#sketch-save").download = `${session.room?.name || "s2p"}-${t("Sketch")}.png`;
    $("#sketch-save").removeAttribute("aria-disabled");
  } else {
    $("#sketch-save").removeAttribute("href");
    $("#sketch-save").setAttribute("aria-disabled", "true");
  }
}

async function draw() {
  stop();
  drawn = null;
  show({ words: t("Drawing the lines"), isBusy: true });
  const source = $("#sketch-source input:checked").value === "result" ? session.resultId : null;
  try {
    const job = await api.startJob(session.room.room, { kind: "lines", source });
    const mine = { id: job.job, stop: () => {} };
    running = mine;
    mine.stop = followJob(job.job, { onProgress: (next) => wait(next, mine), onStage: () => {}, onEnd: (end) => finish(end, mine) });
  } catch (error) {
    show({ words: sentenceOf(error) });
  }
}

function wait(job, mine) {
  if (running === mine && job.position > 0) show({ words: t("Number {n} in the queue", { n: job.position }), isBusy: true });
  else if (running === mine) show({ words: t("Drawing the lines"), isBusy: true });
}

async function finish(end, mine) {
  if (running !== mine) return;
  running = null;
  if (end.state !== "done") return show({ words: end.error?.message || t("The lines could not be drawn.") });
  const { image, width, height } = end.result;
  await loadImage(image).catch(() => {});
  if (running || !$("#sketch").open) return;
  drawn = image;
  $("#sketch-image").src = image;
  $("#sketch-image").alt = t("The lines of your picture");
  show({ words: `${width} × ${height}` });
}

async function paintSketch() {
  $("#sketch-paint").disabled = true;
  try {
    const reply = await fetch(drawn);
    const name = `${session.room?.name || "s2p"} – ${t("Sketch")}.png`;
    await openPicture(new File([await reply.blob()], name, { type: "image/png" }));
    $("#sketch").close();
    $("#canvas").focus({ preventScroll: true, focusVisible: false });
  } catch (error) {
    noteError(error);
    $("#sketch-paint").disabled = false;
  }
}

export function startSketch() {
  const dialog = $("#sketch");
  $("#make-sketch").addEventListener("click", openSketchDialog);
  $("#sketch-paint").addEventListener("click", paintSketch);
  $$("#sketch-source input").forEach((input) => input.addEventListener("change", draw));
  dialog.addEventListener("close", stop);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  onLanguage(() => dialog.open && show());
}
