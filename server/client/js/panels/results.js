// The strip of earlier results: every painting with its hints, one click back.

import { $, element } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { noteError } from "../notices.js";
import * as store from "../store.js";
import { backTo } from "../studio.js";

const { session } = store;
let key = "";

function item(result, index) {
  const label = t("Result {n}, {hints} hints, {seconds} s", {
    n: index + 1, hints: result.hints_count ?? 0, seconds: Math.max(1, Math.round(result.seconds ?? 0)),
  });
  const button = element("button", { type: "button", title: label, "aria-label": label, "aria-pressed": String(result.id === session.resultId) });
  button.append(element("img", { src: result.icon || result.image, alt: "", loading: "lazy", draggable: "false" }));
  button.addEventListener("click", () => backTo(result).catch(noteError));
  return element("li", { "data-result": result.id }, button);
}

function show() {
  const next = JSON.stringify([session.results.map((result) => result.id), session.resultId, t("Recent")]);
  if (next === key) return;
  key = next;
  const list = $("#results");
  const hadFocus = list.contains(document.activeElement);
  list.hidden = session.results.length === 0;
  list.replaceChildren(...session.results.map(item));
  const current = $("[aria-pressed=true]", list);
  if (current) list.scrollLeft = current.offsetLeft - list.clientWidth / 2;
  if (hadFocus) current?.focus();
}

export function startResults() {
  store.onChange((what) => what !== "preview" && show());
  onLanguage(show);
}
