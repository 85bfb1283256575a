// The strip of choices beside the picture: looked at by hovering, taken by a click.

import { $, $$, element } from "../dom.js";
import { areStale, canTake, moreChoices } from "../choices.js";
import { holdsAll } from "../hints.js";
import { onLanguage, t } from "../i18n.js";
import { hasChoices } from "../models.js";
import * as store from "../store.js";
import { takeChoice } from "../studio.js";

const { session } = store;
let shown = null; // the choices whose buttons are there
let language = "";

function item(choice, index) {
  const label = t("Choice {n}: take its colours", { n: index + 1 });
  const button = element("button", { type: "button", class: "choice", "aria-label": label });
  button.append(element("img", { src: choice.image, alt: "", draggable: "false" }));
  button.addEventListener("click", () => {
    if (!canTake()) return;
    hideLarge();
    takeChoice(choice, index + 1);
  });
  button.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && showLarge(button, choice));
  button.addEventListener("pointerleave", hideLarge);
  button.addEventListener("focus", () => button.matches(":focus-visible") && showLarge(button, choice));
  button.addEventListener("blur", hideLarge);
  return element("li", {}, button);
}

function showLarge(button, { image }) {
  const large = $("#choice-large");
  $("img", large).src = image;
  large.hidden = false;
  const stage = $("#stage").getBoundingClientRect();
  const box = button.getBoundingClientRect();
  const isBeside = stage.width >= 640;
  const top = isBeside ? box.top - stage.top + box.height / 2 - large.offsetHeight / 2 : box.top - stage.top - large.offsetHeight - 14;
  const left = isBeside ? box.left - stage.left - large.offsetWidth - 16 : box.left - stage.left + box.width / 2 - large.offsetWidth / 2;
  const within = (value, most) => Math.max(10, Math.min(value, most - 10));
  large.style.setProperty("top", `${within(top, stage.height - large.offsetHeight)}px`);
  large.style.setProperty("left", `${within(left, stage.width - large.offsetWidth)}px`);
}

function hideLarge() {
  $("#choice-large").hidden = true;
}

/** Arrow keys go through the strip, as through a menu. */
function step(event) {
  const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  event.stopPropagation();
  const buttons = $$("#choices button");
  buttons.at((buttons.indexOf(document.activeElement) + by) % buttons.length).focus();
}

function build() {
  const list = $("#choice-list");
  const place = $$("button", list).indexOf(document.activeElement);
  shown = session.choices;
  hideLarge();
  const { width = 1, height = 1 } = session.room || {};
  list.style.setProperty("--tall", `${Math.round(Math.max(44, Math.min(72, (60 * height) / width)))}px`);
  list.replaceChildren(...(shown?.items || []).map(item));
  if (place >= 0) $$("button", list)[place]?.focus({ focusVisible: false });
}

function show(what) {
  if (what === "preview") return;
  const box = $("#choices");
  if (session.choices !== shown || language !== document.documentElement.lang) build();
  language = document.documentElement.lang;
  box.hidden = !(shown?.items.length > 1) || !hasChoices(store.doc(), session.status);
  if (box.hidden) return hideLarge();
  const { hints } = store.doc();
  box.classList.toggle("stale", areStale() || Boolean(session.job));
  $$(".choice").forEach((button, index) => {
    button.setAttribute("aria-pressed", String(holdsAll(hints, shown.items[index].hints)));
    button.setAttribute("aria-disabled", String(!canTake()));
  });
  const more = $("#more-choices");
  more.setAttribute("aria-busy", String(Boolean(session.isChoosing)));
  more.setAttribute("aria-disabled", String(Boolean(session.job || session.isChoosing)));
}

/** Goes to the choice that was taken, or to the first. */
export function reachChoices() {
  if ($("#choices").hidden) return;
  ($(".choice[aria-pressed=true]") || $(".choice")).focus();
}

export function startChoices() {
  $("#more-choices").addEventListener("click", moreChoices);
  $("#choices").addEventListener("keydown", step);
  store.onChange(show);
  onLanguage(() => show("language"));
}
