// Which share each of up to four chosen styles has, by a place on a pad whose corners they are. Pure.

export const MOST = 4;

/** Where the styles lie on the pad: one is everywhere, two have a side each, three and four a corner each. */
export const places = (count) => (count < 3 ? [[0, 0.5], [1, 0.5]] : [[0, 0], [1, 0], [0, 1], [1, 1]]).slice(0, count);

/** Shares whose sum is 1, by name: of two along the line, of more by the distance from the other corners. */
export function shares(names, { x, y }) {
  const raw = names.length < 2 ? [1]
    : names.length === 2 ? [1 - x, x]
      : [(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y].slice(0, names.length);
  const total = raw.reduce((sum, share) => sum + share, 0);
  if (total <= 0) return { [names[0]]: 1 }; // the corner that has no style
  const found = {};
  names.forEach((name, i) => { found[name] = raw[i] / total; });
  return found;
}

/** The choice after a click on a style: it joins, or goes; the last one stays. */
export function toggled(chosen, name) {
  if (!chosen.includes(name)) return [...chosen.slice(chosen.length < MOST ? 0 : 1), name];
  return chosen.length > 1 ? chosen.filter((one) => one !== name) : chosen;
}

/** A style's name for people: "starry-night" is "Starry night". */
export const titled = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("-", " ");
