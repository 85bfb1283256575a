// Three paintings of one drawing, one after another: what words say stays, what they leave open differs.
//
// The artist's own words are not touched. Each painting is an ordinary result that knows its words, so a click on it in
// the strip takes them, and undo gives them back.

import { t } from "./i18n.js";
import { note } from "./notices.js";
import * as store from "./store.js";
import { paintAs } from "./studio.js";
import { variants } from "./tags.js";

export const COUNT = 3;
const { session } = store;
let waiting = null; // {room, document, wishes, last}

/** Paints them; `all` are the words that there are. */
export function paintVariants(all) {
  if (!session.room || session.job || waiting) return;
  const document = store.doc();
  waiting = { room: session.room.room, document, wishes: variants(document.tags, all, COUNT) };
  next();
}

function next() {
  const [tags, ...wishes] = waiting.wishes;
  waiting = { ...waiting, wishes, last: session.resultId };
  paintAs({ ...waiting.document, tags });
}

/** Goes on when a painting has come; one that failed or was cancelled is the last. */
function consider() {
  if (!waiting || session.job) return;
  const isDone = session.room?.room === waiting.room && session.resultId !== waiting.last;
  if (isDone && waiting.wishes.length) return void setTimeout(() => waiting && !session.job && next(), 0);
  if (isDone) note(t("Three variants are among the results. A click on one takes its words."));
  waiting = null;
}

export function startVariants() {
  store.onChange((what) => what !== "preview" && consider());
}
