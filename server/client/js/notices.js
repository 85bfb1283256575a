// What the page says to the person: short notes that leave by themselves, and banners that stay while they are true.

import { $, element, icon } from "./dom.js";
import { HintFileError } from "./hints.js";
import { t } from "./i18n.js";
import { PaletteError } from "./palette_files.js";
import { ZipError } from "./zip.js";

const NOTE_MS = 7000;

/** Speaks through the live region, for those who do not see the canvas. */
export function announce(sentence) {
  $("#live").textContent = sentence;
}

export function note(sentence, { isError = false, action = null } = {}) {
  const box = element("div", { class: isError ? "toast error" : "toast", role: isError ? "alert" : "status" });
  const close = element("button", { class: "quiet", type: "button", "aria-label": t("Close") }, icon("close"));
  box.append(icon(isError ? "warn" : "check"), element("p", {}, sentence));
  if (action) {
    box.append(element("button", { class: "text", type: "button", onclick: () => { box.remove(); action.run(); } }, action.name));
  }
  box.append(close);
  close.addEventListener("click", () => box.remove());
  const same = [...$("#toasts").children].find((other) => $("p", other).textContent === sentence);
  same?.remove();
  $("#toasts").append(box);
  if (!isError) setTimeout(() => box.remove(), NOTE_MS);
  else setTimeout(() => box.remove(), NOTE_MS * 3);
}

/** The sentence of an error that people can act on; anything else is logged and told in general words. */
export function sentenceOf(error) {
  if (error instanceof HintFileError || error instanceof ZipError || error instanceof PaletteError) return t(error.message, error.values);
  if (error?.name === "ApiError") return error.message;
  console.error(error);
  return t("Something in this page went wrong: {message}", { message: error?.message || String(error) });
}

export function noteError(error) {
  if (error?.name === "AbortError") return;
  note(sentenceOf(error), { isError: true });
}

/** Shows, changes or (with null) removes a banner; actions are buttons {name, run}, one or a list, or a {control} of its own. */
export function banner(name, sentence, kind = "plain", action = null) {
  const known = $(`#notices [data-name="${name}"]`);
  if (sentence === null) {
    known?.remove();
    return;
  }
  const actions = [action ?? []].flat();
  const said = sentence + actions.map((one) => one.name || one.control.textContent).join("");
  if (known?.dataset.said === said) return;
  known?.remove();
  const box = element("div", { class: `banner ${kind}`, "data-name": name, "data-said": said, role: "status" });
  box.append(icon(kind === "loud" ? "warn" : "check"), element("p", {}, sentence));
  for (const one of actions) {
    box.append(one.control || element("button", { class: "text", type: "button", onclick: () => one.run() }, one.name));
  }
  $("#notices").append(box);
}
