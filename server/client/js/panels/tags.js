// Words for colours: typed with completion or taken from groups, shown as chips. Only where the painter reads them.

import { api } from "../api.js";
import { $, element, icon } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { systemOf, uses } from "../models.js";
import * as store from "../store.js";
import { findTags, grouped, withTags, withoutTag } from "../tags.js";
import { paintVariants } from "../variants.js";

const { session } = store;
const GROUPS = [ // as they are called for people
  ["hair", () => t("Hair")], ["eyes", () => t("Eyes")], ["skin", () => t("Skin")], ["background", () => t("Background")],
  ["dress", () => t("Dress")], ["shirt", () => t("Shirt")], ["jacket", () => t("Jacket")], ["skirt", () => t("Skirt")],
  ["trousers", () => t("Trousers")], ["legwear", () => t("Socks and tights")], ["footwear", () => t("Shoes")],
  ["gloves", () => t("Gloves")], ["neckwear", () => t("Ties")], ["hat", () => t("Hat")], ["bow", () => t("Bow")], ["ribbon", () => t("Ribbon")],
  ["eyewear", () => t("Glasses")], ["other", () => t("Other words")],
];
let all = [];
let isAsked = false;
let active = -1; // of the completions, the one that Enter takes

const isOffered = () => store.doc().method !== "rendering"
  && Boolean(systemOf(store.doc().model, session.status)?.uses.includes("tags"));
/** The words that the painter knows: of one that learned by words those of its vocabulary. */
const read = () => (systemOf(store.doc().model, session.status)?.by_words ? all.filter(({ learned }) => learned) : all);
const found = () => findTags(read(), $("#tag-text").value);

async function load() {
  if (isAsked) return;
  isAsked = true;
  try {
    all = await api.tags();
    show();
    if (document.activeElement === $("#tag-text")) complete(); // somebody has begun to type
  } catch {
    isAsked = false; // the next look asks again
  }
}

function say(sentence = "") {
  $("#tag-words").textContent = sentence;
  $("#tag-words").hidden = !sentence;
  $("#tag-text").setAttribute("aria-invalid", String(Boolean(sentence)));
}

function take(tags) {
  say();
  store.commit({ tags: withTags(store.doc().tags, tags, all) });
  $("#tag-text").value = "";
  complete();
}

/** Takes what was typed: a completion, or words that only the server can read, such as golden hair. */
async function enter() {
  const text = $("#tag-text").value.trim();
  if (!text) return;
  const tags = found();
  if (tags.length > 0) return take([tags[Math.max(active, 0)]]);
  try {
    take(await api.readTags(text));
  } catch (error) {
    say(error.message);
  }
}

const chip = (tag) => {
  const dot = element("span", { class: "dot", "aria-hidden": "true" });
  if (tag.color) dot.style.setProperty("background", tag.color);
  return dot;
};

function complete() {
  const list = $("#tag-list");
  const tags = found();
  active = tags.length ? Math.min(Math.max(active, 0), tags.length - 1) : -1;
  list.replaceChildren(...tags.map((tag, i) => element("li", {
    id: `tag-option-${i}`, role: "option", "aria-selected": String(i === active),
    onpointerdown: (event) => { event.preventDefault(); take([tag]); }, // before the field loses its focus
  }, chip(tag), tag.title)));
  list.hidden = tags.length === 0;
  const text = $("#tag-text");
  text.setAttribute("aria-expanded", String(tags.length > 0));
  if (active >= 0) text.setAttribute("aria-activedescendant", `tag-option-${active}`);
  else text.removeAttribute("aria-activedescendant");
}

function press(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const { length } = found();
  if (step && length) {
    event.preventDefault();
    active = (active + step + length) % length;
    complete();
  } else if (event.key === "Enter" || event.key === ",") {
    event.preventDefault();
    enter();
  } else if (event.key === "Escape" && $("#tag-text").value) {
    event.stopPropagation();
    $("#tag-text").value = "";
    say();
    complete();
  } else if (event.key === "Backspace" && !$("#tag-text").value && store.doc().tags.length) {
    store.commit({ tags: store.doc().tags.slice(0, -1) });
  }
}

function showChosen(names) {
  const tags = names.map((name) => all.find((tag) => tag.name === name) || { name, title: name.replaceAll("_", " "), color: "" });
  const missed = store.currentResult()?.unfound || [];
  $("#tag-chosen").replaceChildren(...tags.map((tag) => element("li", {}, element("button", {
    class: missed.includes(tag.name) ? "tag missed" : "tag", type: "button",
    title: missed.includes(tag.name) ? t("Nothing in the drawing was taken for: {words}.", { words: tag.title }) : "", "aria-label": t("Remove {word}", { word: tag.title }),
    onclick: () => store.commit({ tags: withoutTag(store.doc().tags, tag.name) }),
  }, chip(tag), element("span", { lang: "en" }, tag.title), icon("close")))));
}

function showGroups(names) {
  if (!$("#tag-groups").open) return;
  $("#tag-table").replaceChildren(...grouped(read()).map(([group, tags]) => element("div", { class: "tag-group" },
    element("span", { class: "tone-name" }, GROUPS.find(([name]) => name === group)?.[1]() || group),
    element("div", { class: "tag-row" }, ...tags.map((tag) => {
      const isChosen = names.includes(tag.name);
      return element("button", {
        class: "tag-dot", type: "button", title: tag.title, "aria-label": tag.title, "aria-pressed": String(isChosen),
        "data-tag": tag.name,
        onclick: () => {
          store.commit({ tags: isChosen ? withoutTag(store.doc().tags, tag.name) : withTags(store.doc().tags, [tag], all) });
          $(`[data-tag="${tag.name}"]`)?.focus({ focusVisible: false });
        },
      }, chip(tag));
    })))));
}

function show() {
  const isShown = isOffered();
  $("#tags").hidden = !isShown;
  if (!isShown) return;
  load();
  const { tags } = store.doc();
  showChosen(tags);
  showGroups(tags);
  // Painters that fill show choices of their own.
  $("#tag-variants").hidden = uses(store.doc().model, "choices", session.status);
  $("#tag-variants").setAttribute("aria-disabled", String(!session.room || Boolean(session.job) || !all.length));
}

export function startTags() {
  const text = $("#tag-text");
  text.addEventListener("input", () => { active = 0; say(); complete(); });
  text.addEventListener("keydown", press);
  text.addEventListener("blur", () => { $("#tag-list").hidden = true; });
  text.addEventListener("focus", complete);
  $("#tag-groups").addEventListener("toggle", show);
  $("#tag-variants").addEventListener("click", () => paintVariants(read()));
  store.onChange((what) => what !== "preview" && show());
  onLanguage(show);
}
