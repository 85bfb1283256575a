// Follows one job to its end, through server-sent events and through restarts of the server.
//
// The promise of this file: onEnd is called exactly once, whatever happens. A broken stream is checked against
// GET /jobs/{id}: still running -> listen again; finished -> end; unknown -> the job is lost and says so.

import { api, fromHere } from "./api.js";
import { t } from "./i18n.js";

const RETRY_MS = 1500;
const GIVE_UP_MS = 120_000;
const isOver = (job) => ["done", "failed", "cancelled"].includes(job.state);

/** Returns a function that stops listening (the job itself goes on). */
export function followJob(id, { onProgress, onStage, onEnd }) {
  let source = null;
  let timer = 0;
  let isFinished = false;
  let brokenSince = 0;

  const stop = () => {
    isFinished = true;
    clearTimeout(timer);
    source?.close();
  };
  const end = (job) => {
    if (isFinished) return;
    stop();
    onEnd(job);
  };
  const fail = (message) => end({ job: id, state: "failed", error: { message } });

  const listen = () => {
    source = new EventSource(api.eventsUrl(id));
    const on = (name, handle) => source.addEventListener(name, (event) => {
      brokenSince = 0;
      if (!isFinished) handle(fromHere(JSON.parse(event.data)));
    });
    on("progress", onProgress);
    on("stage", onStage);
    on("end", end);
    source.onerror = () => {
      source.close();
      check();
    };
  };

  const check = async () => {
    if (isFinished) return;
    brokenSince ||= Date.now();
    try {
      const job = await api.job(id);
      if (isOver(job)) end(job);
      else timer = setTimeout(listen, RETRY_MS / 3);
    } catch (error) {
      if (!error.isOffline) fail(t("The server was restarted and this painting was lost. Please paint again."));
      else if (Date.now() - brokenSince > GIVE_UP_MS) fail(error.message);
      else timer = setTimeout(check, RETRY_MS);
    }
  };

  listen();
  return stop;
}
