// Words for colours, as the server lists them: {name, title, group, color, single, learned}. How they are found and chosen. Pure.

/** Letters alone, so that `Red_Dress` and `red dress` are the same. */
const plain = (text) => text.toLowerCase().replace(/[_\s-]+/g, " ").trim();

/** The tags whose words begin with all the words of a text, those that begin like the whole text first. */
export function findTags(all, text, limit = 8) {
  const wanted = plain(text);
  if (!wanted) return [];
  const begins = (tag) => wanted.split(" ").every((part) => plain(tag.title).split(" ").some((word) => word.startsWith(part)));
  const first = (tag) => (plain(tag.title).startsWith(wanted) ? 0 : 1);
  return all.filter(begins).sort((one, other) => first(one) - first(other)).slice(0, limit);
}

/** The names with some more: a picture has one colour of hair, of eyes and of the background, the one chosen last. */
export function withTags(names, tags, all) {
  const singles = new Set(tags.filter(({ single }) => single).map(({ group }) => group));
  const isReplaced = (name) => singles.has(all.find((tag) => tag.name === name)?.group);
  const kept = names.filter((name) => !isReplaced(name));
  return [...new Set([...kept, ...tags.map(({ name }) => name)])];
}

export const withoutTag = (names, name) => names.filter((other) => other !== name);

/** Tags by their group, in the order of the list: [[group, tags], ...]. */
export function grouped(all) {
  const groups = new Map();
  all.forEach((tag) => groups.set(tag.group, [...(groups.get(tag.group) || []), tag]));
  return [...groups];
}

// What variants differ in, where nothing is said of it; two garments that one body cannot wear exclude each other.
const OPEN = ["hair", "eyes", "dress", "shirt", "skirt", "legwear", "footwear"];
const APART = { dress: ["shirt", "skirt"], shirt: ["dress"], skirt: ["dress"] };
const SAID_EACH = 3;

/**
 * Lists of names that keep what is said, each with other colours for three things of which nothing is said.
 * @param {() => number} random from 0 up to 1
 */
export function variants(names, all, count, random = Math.random) {
  const said = new Set(names.map((name) => all.find((tag) => tag.name === name)?.group));
  const open = [];
  for (const group of OPEN) {
    if (open.length < SAID_EACH && ![group, ...(APART[group] || [])].some((one) => said.has(one) || open.includes(one))) open.push(group);
  }
  const shuffled = (list) => list.map((one) => [random(), one]).sort(([one], [other]) => one - other).map(([, one]) => one);
  const colors = open.map((group) => shuffled(all.filter((tag) => tag.group === group && tag.color && tag.learned)));
  return Array.from({ length: count }, (_, i) => [...names, ...colors.filter((some) => some.length).map((some) => some[i % some.length].name)]);
}
