// Paint, what is happening, how long it will take, and how to stop it.

import { $ } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import * as store from "../store.js";
import { cancel, fillTheRest, paint } from "../studio.js";

const STAGE_WORDS = {
  load: "Loading the painter", prepare: "Cleaning the lines", draft: "Drafting colours", compose: "Composing", paint: "Painting",
  finish: "Finishing",
};
const { session } = store;
let pressed = "#paint"; // where the focus returns to

function words(job) {
  if (job.isCancelling) return t("Stopping…");
  const isWarming = job.state === "queued" && session.status?.worker === "starting";
  if (isWarming && !(job.position > 1)) return t("The painter is warming up…");
  if (job.state === "queued" && job.position > 0) return t("Number {n} in the queue", { n: job.position });
  if (!job.stage) return t("Starting…");
  return t(STAGE_WORDS[job.stage] || "Painting");
}

/** How long it will take, in words; nothing where nobody knows. */
export function timeLeft(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 90) return t("about {n} s left", { n: Math.max(1, Math.round(seconds)) });
  return t("about {n} min left", { n: Math.round(seconds / 60) });
}

function show() {
  const { job } = session;
  const wasPainting = !$("#progress").hidden;
  $("#paint").hidden = $("#suggest").hidden = Boolean(job);
  $("#progress").hidden = !job;
  $("#paint").disabled = $("#suggest").disabled = !session.isOnline;
  $("#paint-word").textContent = session.results.length ? t("Paint again") : t("Paint");
  if (job) {
    $("#progress-word").textContent = words(job);
    $("#progress-time").textContent = job.state === "running" ? timeLeft(job.seconds_left) : "";
    const bar = $("#bar");
    if (job.state === "running" && job.fraction > 0) bar.value = job.fraction;
    else bar.removeAttribute("value");
    $("#cancel").disabled = Boolean(job.isCancelling) || !job.job;
  }
  const hadFocus = document.activeElement === document.body || document.activeElement === $("#cancel");
  if (wasPainting && !job && hadFocus) $(pressed).focus({ preventScroll: true, focusVisible: false });
}

export function startDock() {
  const press = (button, act) => $(button).addEventListener("click", () => {
    pressed = button;
    act();
  });
  press("#paint", paint);
  press("#suggest", fillTheRest);
  $("#cancel").addEventListener("click", () => cancel());
  store.onChange((what) => what !== "preview" && show());
  onLanguage(show);
}
