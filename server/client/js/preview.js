// A quick draft while a hint is being moved, where the server offers it (status says preview: true).

import { api } from "./api.js";
import { followJob } from "./jobs.js";
import * as store from "./store.js";

const QUIET_MS = 350;
let timer = 0;
let running = null; // {id, stop}

export function startPreviews() {
  store.onChange((what) => {
    if (what !== "preview" && what !== "doc") return;
    clearTimeout(timer);
    if (store.session.status?.preview === true) timer = setTimeout(ask, QUIET_MS);
  });
}

async function ask() {
  const { session } = store;
  if (!session.room || session.job || session.view === "sketch" || store.doc().hints.length === 0) return;
  const room = session.room.room;
  if (running) {
    running.stop();
    api.cancelJob(running.id).catch(() => {});
    running = null;
  }
  const { method, hints } = store.doc();
  const job = await api.startJob(room, { kind: "preview", method, hints, mix: 0, line_color: null, reference: null, output_size: "network" })
    .catch((error) => console.info("no preview: %s", error.message));
  if (!job) return;
  const show = (image) => {
    if (image && session.room?.room === room && !session.job) store.setSession({ preview: image });
  };
  const stop = followJob(job.job, {
    onProgress: () => {},
    onStage: (stage) => show(stage.image),
    onEnd: (end) => show(end.result?.image || end.result?.composition),
  });
  running = { id: job.job, stop };
}
