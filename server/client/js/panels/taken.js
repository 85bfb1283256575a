// What was taken of a file: a sentence, and of several layers or pages another one to choose.

import { element } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { banner, noteError } from "../notices.js";
import { chapterNow, openPagesOf } from "../pages.js";
import { onChange, session } from "../store.js";
import { openOther } from "../studio.js";

const LAST_PAGE = 1000;
const SAID = [ // by the server, of files without a choice, too
  "Of its 16 bits a channel the upper 8 are used.",
  "Of its 32 bits a channel the upper 8 are used.",
  "Its CMYK colours were converted to RGB, by the profile in the file.",
  "Its CMYK colours were converted to RGB, without a profile, for the file has none to use.",
  "It has one layer, which was taken as it is.",
];

function sentence({ page, layer, layers, was_asked: wasAsked }) {
  const n = layers.length;
  if (page) return t("This file has several pages, and page {n} was taken.", { n: page });
  if (layer !== null) return t("Of its {n} layers, “{name}” was taken.", { n, name: layer });
  if (wasAsked) return t("All of its {n} layers that are shown were taken together.", { n });
  return t("None of its {n} layers looks like lines, so all that are shown were taken together.", { n });
}

async function choose(control, choice) {
  control.disabled = true;
  try {
    await openOther(choice);
  } catch (error) {
    noteError(error);
    banner("taken", null);
    show(); // as it was
  }
}

function layerChoice({ layer, layers }) {
  const names = [["all", t("All together")], ...layers.map((name) => [`=${name}`, name])];
  const options = names.map(([value, name]) => element("option", { value }, name));
  const select = element("select", { "aria-label": t("Take another layer") }, ...options);
  select.value = layer === null ? "all" : `=${layer}`;
  select.addEventListener("change", () => choose(select, { layer: select.value.slice(1, select.value === "all" ? 1 : undefined) }));
  return select;
}

function pageChoice({ page }) {
  const field = element("input", { type: "number", min: 1, max: LAST_PAGE, value: page, required: true, "aria-label": t("Take another page") });
  field.addEventListener("change", () => field.reportValidity() && choose(field, { page: field.value }));
  return field;
}

function show() {
  const { picked, room, taken = "" } = session.room || {};
  const words = SAID.filter((one) => taken.includes(one)).map((one) => t(one));
  if (picked) words.push(sentence(picked));
  if (session.screen !== "studio" || words.length === 0) return banner("taken", null);
  // After a refresh the file is no longer here, and only what was taken of it is on the server.
  const control = picked && session.brought?.room === room ? (picked.page ? pageChoice(picked) : layerChoice(picked)) : null;
  const actions = control ? [{ name: `${room} ${t("Take another layer")}`, control }] : [];
  if (control && picked.page && !chapterNow()) actions.push({ name: t("Open all its pages"), run: () => openPagesOf(session.brought.file) });
  banner("taken", words.join(" "), "calm", actions);
}

export function startTaken() {
  onChange(show);
  onLanguage(show);
}
