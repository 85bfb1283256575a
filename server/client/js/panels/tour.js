// Three quiet sentences for somebody who has just arrived: each goes when it was done, all of them when they are skipped.
//
// What a sentence speaks of has a ring around it meanwhile. It is said once: whoever has painted and gone on knows the rest.

import { $, element } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { announce } from "../notices.js";
import { read, write } from "../persist.js";
import * as store from "../store.js";

const { session } = store;
let isOver = read("toured", false);
let isPainted = false; // somebody has painted since the page was loaded
let said = "";

const isPainting = () => Boolean(session.job) || session.pagesTask?.kind === "paint";

function end() {
  isOver = true;
  write("toured", true);
  show();
}

/** Which of the three it is, 0 for none. */
function step() {
  if (isOver || session.screen !== "studio" || isPainting()) return 0;
  const { hints } = store.doc();
  if (session.results.length === 0) return hints.length === 0 ? 1 : hints.length < 4 ? 2 : 0;
  return isPainted && session.results.length === 1 ? 3 : 0;
}

function sentence(number) {
  if (number === 1) return t("Choose a colour and click where it belongs.");
  if (number === 3) return t("Compare it, change a colour, or save.");
  if (session.tool === "draft") return t("An anchor tints its surroundings, an exact hint its very spot.");
  return t("A few colours are enough. Paint when you like.");
}

function show(what) {
  if (what === "preview") return;
  isPainted ||= isPainting();
  if (!isOver && isPainted && session.results.length > 1 && session.screen === "studio" && !isPainting()) return end();
  const number = step();
  $("#coach").hidden = number === 0;
  if (number) document.body.dataset.tour = number;
  else delete document.body.dataset.tour;
  if (!number) return undefined;
  const words = `${number}/3 ${sentence(number)}`;
  if (words === said) return undefined;
  said = words;
  $("#coach-words").textContent = words;
  announce(words);
  return undefined;
}

export function startTour() {
  const skip = element("button", { id: "coach-skip", class: "text", type: "button", "data-i18n": true }, "Skip");
  skip.addEventListener("click", end);
  $("#coach").append(element("span", { id: "coach-words" }), skip);
  store.onChange(show);
  onLanguage(() => show("language"));
}
