// What was corrected in the drawing before it is painted: one sentence, and one click that takes it back.

import { onLanguage, t } from "../i18n.js";
import { banner } from "../notices.js";
import * as store from "../store.js";
import { openSketchDialog } from "./sketch.js";

const WORDS = {
  sheet: "what lies around the sheet was left out",
  blank: "nothing is drawn on this page, and its noise was left out",
  alpha: "light ink on a transparent ground was taken as dark ink",
  inverted: "light lines on a dark ground were turned round",
  frame: "the frame around the drawing was left out",
  paper: "the tint and the shadows of the paper were left out",
  pencil: "pencil was told from the grain of its paper",
  ruling: "the ruling of the paper was left out",
  coloured: "areas with a colour keep it where no hint lies",
  tones: "tones stay, and bound no colour",
  grays: "large gray areas darken the colours over them, and its lines can be taken out first",
  painting: "this looks like a painting rather than a drawing, so its lines were drawn first",
  empty: "no drawing was found on this page",
};
const OFFERS = ["grays", "painting"]; // where painting its lines alone is better
const { session } = store;

function sentence(found) {
  const words = found.filter((name) => WORDS[name]).map((name) => t(WORDS[name])).join("; ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

function show() {
  const found = session.room?.corrected || [];
  const { method, intake } = store.doc();
  if (session.screen !== "studio" || found.length === 0 || method !== "colorization") return banner("corrected", null);
  if (found.every((name) => name === "empty")) return banner("corrected", sentence(found), "calm");
  const change = (value) => () => store.commit({ intake: value });
  if (intake === "off") return banner("corrected", t("The drawing is taken as it is."), "calm", { name: t("Correct it"), run: change(null) });
  const actions = [];
  if (OFFERS.some((name) => found.includes(name))) actions.push({ name: t("Draw its lines"), run: openSketchDialog });
  actions.push({ name: t("Take it as it is"), run: change("off") });
  banner("corrected", sentence(found), "calm", actions);
}

export function startCorrected() {
  store.onChange(show);
  onLanguage(show);
}
