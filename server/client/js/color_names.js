// Colours in words, for those who hear the page: "dark blue, #102040".

import { t } from "./i18n.js";
import { nameOf } from "./palette.js";

const COLOR_WORDS = {
  red: "red", orange: "orange", yellow: "yellow", green: "green", teal: "teal", blue: "blue", purple: "purple", pink: "pink",
  brown: "brown", beige: "beige", gray: "gray", white: "white", black: "black",
};
const SHADE_WORDS = { light: "light {color}", dark: "dark {color}" };

/** A colour's name in the language of the page, and its number. */
export function spoken(color) {
  const [name, shade] = nameOf(color);
  const word = t(COLOR_WORDS[name]);
  return `${shade ? t(SHADE_WORDS[shade], { color: word }) : word}, ${color}`;
}
