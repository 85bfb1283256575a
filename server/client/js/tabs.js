// One drawing in two tabs: what is changed in one is shown in the other, and nothing is lost where both changed it.

import { t } from "./i18n.js";
import { mergeHints } from "./hints.js";
import { banner, note } from "./notices.js";
import { PREFIX } from "./persist.js";
import * as store from "./store.js";
import { refreshRoom } from "./studio.js";

const { session } = store;
let other = null; // what the other tab has, while it is not decided which to keep

const documentOf = (text) => {
  try {
    return JSON.parse(text)?.history?.present ?? null;
  } catch {
    return null;
  }
};
const isSame = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function take({ key, oldValue, newValue }) {
  if (!session.room || session.screen !== "studio" || key !== `${PREFIX}drawing.${session.room.room}`) return;
  const [before, after] = [documentOf(oldValue), documentOf(newValue)];
  const mine = store.doc();
  // What is to be decided stays to be, if the other tab only shows by now what this one has.
  if (after && isSame(after, mine)) return;
  if (!after) return decide(null);
  if (before && isSame(before, mine) && !store.isMoving()) return adopt(after);
  decide(after);
}

/** This tab had changed nothing of its own: it shows what the other has. */
function adopt(document) {
  store.session.selected = -1;
  store.commit(document);
  refreshRoom().catch(() => {});
}

function decide(document) {
  other = document;
  show();
}

const choose = (make) => () => {
  const theirs = other;
  decide(null);
  const changes = make(theirs);
  if (changes) store.commit(changes);
  else store.save();
  note(t("Both tabs show the same now."), { action: changes ? { name: t("Undo"), run: store.undo } : null });
};

const both = (theirs) => ({ hints: mergeHints(store.doc().hints, theirs.hints) });

function show() {
  if (!other || session.screen !== "studio") return banner("tabs", null);
  banner("tabs", t("This drawing was changed in another tab, too."), "loud", [
    { name: t("Keep both"), run: choose(both) },
    { name: t("Take the other"), run: choose((theirs) => theirs) },
    { name: t("Keep this one"), run: choose(() => null) },
  ]);
}

export function startTabs() {
  addEventListener("storage", take);
  store.onChange((what) => what === "screen" && decide(null));
}
