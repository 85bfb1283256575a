// The strip of pages under the canvas, and what is done with all of them.

import { MOST_PAGES, onChapters, placeOf } from "../chapters.js";
import { $, $$, element } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { noteError } from "../notices.js";
import { cancelPages, chapterNow, dropPage, goTo, hintsOfBefore, likeBefore, openPages, paintAll, saveAll } from "../pages.js";
import * as store from "../store.js";
import { timeLeft } from "./dock.js";
import { anchor } from "./menus.js";

const TASK_WORDS = { open: "Opening page {n} of {count}", openAll: "Opening page {n}", paint: "Painting page {n} of {count}", save: "Saving page {n} of {count}" };
const { session } = store;
let key = "";

function item(page, index, isOpen) {
  const label = t(page.result ? "Page {n}, {name}, painted" : "Page {n}, {name}", { n: index + 1, name: page.name });
  const button = element("button", { type: "button", title: label, "aria-label": label, "aria-current": isOpen ? "page" : null });
  button.append(element("img", { src: page.icon || page.thumb || page.sketch, alt: "", draggable: "false" }), element("span", { "aria-hidden": "true" }, String(index + 1)));
  button.addEventListener("click", () => !isOpen && goTo(page.room));
  return element("li", { class: page.result ? "painted" : null }, button);
}

function showList(chapter) {
  const { room } = session.room;
  const next = JSON.stringify([chapter.pages.map((page) => [page.room, page.result, page.name]), room, document.documentElement.lang]);
  if (next === key) return;
  key = next;
  const list = $("#page-list");
  const hadFocus = list.contains(document.activeElement);
  list.replaceChildren(...chapter.pages.map((page, index) => item(page, index, page.room === room)));
  const current = $("[aria-current]", list);
  if (current) list.scrollLeft = current.offsetLeft - list.clientWidth / 2;
  if (hadFocus) current?.focus();
}

/** By what the pages before took; null where none is far enough to tell. */
function secondsLeft({ done, fraction, count, started }) {
  const share = (done + fraction) / count;
  return share < 0.02 ? null : ((performance.now() - started) / 1000) * (1 / share - 1);
}

function showTask(task) {
  $("#pages-tools").hidden = Boolean(task);
  $("#pages-task").hidden = !task;
  if (!task) return;
  const { kind, count, done, fraction, isCancelled } = task;
  $("#pages-word").textContent = isCancelled ? t("Stopping…") : t(TASK_WORDS[kind], { n: Math.min(count, done + 1), count });
  $("#pages-time").textContent = kind === "paint" && !isCancelled ? timeLeft(secondsLeft(task)) : "";
  if (kind === "openAll") $("#pages-bar").removeAttribute("value");
  else $("#pages-bar").value = (done + fraction) / count;
  $("#pages-cancel").disabled = isCancelled;
}

function show(what) {
  if (what === "preview") return;
  const chapter = session.screen === "studio" ? chapterNow() : null;
  const isShown = Boolean(chapter);
  if ($("#pages").hidden === isShown) {
    $("#pages").hidden = !isShown;
    document.body.toggleAttribute("data-pages", isShown);
  }
  if (!chapter) return;
  showList(chapter);
  showTask(session.pagesTask);
  const place = placeOf(chapter, session.room.room);
  const isBusy = Boolean(session.job) || !session.isOnline;
  $("#like-before").disabled = place < 1 || isBusy;
  $("#hints-before").disabled = place < 1;
  $("#paint-all").disabled = isBusy;
  $("#add-pages").disabled = chapter.pages.length >= MOST_PAGES;
  $$("[data-save-pages]").forEach((button) => { button.disabled = !chapter.pages.some(({ result }) => result); });
}

export function startPagesPanel() {
  anchor($("#pages-menu"), $("#open-pages"));
  $("#like-before").addEventListener("click", likeBefore);
  $("#hints-before").addEventListener("click", hintsOfBefore);
  $("#paint-all").addEventListener("click", paintAll);
  $("#pages-cancel").addEventListener("click", cancelPages);
  $("#drop-page").addEventListener("click", dropPage);
  $("#add-pages").addEventListener("click", () => $("#pages-file").click());
  $("#pages-file").addEventListener("change", () => {
    const files = [...$("#pages-file").files];
    $("#pages-file").value = "";
    if (files.length) openPages(files, { chapter: chapterNow() }).catch(noteError);
  });
  $$("[data-save-pages]").forEach((button) => button.addEventListener("click", () => saveAll(button.dataset.savePages)));
  store.onChange(show);
  onChapters(() => show("chapters"));
  onLanguage(() => show("language"));
}
