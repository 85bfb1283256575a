// Sentences in four languages. The English sentence is the key; a missing key shows as English, never as nothing.
//
// In HTML: data-i18n translates the text, data-label the accessible name and the tooltip (with data-key, its shortcut),
// data-title the tooltip alone, data-placeholder the placeholder. In modules: t("{n} hints", {n: 3}).

import { $$ } from "./dom.js";
import { readWord, writeWord } from "./persist.js";

export const LANGUAGES = { en: "English", ja: "日本語", zh: "中文", ko: "한국어" };
const listeners = new Set();
let sentences = {};
let language = "en";

export function t(sentence, values = {}) {
  const text = sentences[sentence] || sentence;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

let templates = null; // [{key, pattern, names}] of the sentences with values, the most telling first

const quoted = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function templateOf(key) {
  const pieces = key.split(/\{(\w+)\}/);
  const pattern = pieces.map((piece, i) => (i % 2 ? "(.+?)" : quoted(piece))).join("");
  return { key, pattern: new RegExp(`^${pattern}$`, "s"), names: pieces.filter((_, i) => i % 2), letters: pieces.filter((_, i) => i % 2 === 0).join("").length };
}

/** A sentence of the server in the language of the page: whole, or with its values found again; else as it came. */
export function told(sentence) {
  if (typeof sentence !== "string" || language === "en" || sentences[sentence]) return t(String(sentence));
  templates ??= Object.keys(sentences).filter((key) => /\{\w+\}/.test(key)).map(templateOf)
    .filter(({ letters }) => letters > 11).sort((a, b) => b.letters - a.letters);
  for (const { key, pattern, names } of templates) {
    const found = pattern.exec(sentence);
    if (found) return t(key, Object.fromEntries(names.map((name, i) => [name, found[i + 1]])));
  }
  return sentence;
}

export const currentLanguage = () => language;
export const onLanguage = (listener) => listeners.add(listener);

/** The language chosen before, else the first of the browser's that we speak. */
export function preferredLanguage() {
  const wanted = [readWord("language"), ...(navigator.languages || [])].filter(Boolean);
  return wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag in LANGUAGES) || "en";
}

export async function setLanguage(tag, { remember = false } = {}) {
  if (remember) writeWord("language", tag);
  try {
    const reply = await fetch(`locales/${tag}.json`);
    if (!reply.ok) throw new Error(`locales/${tag}.json: ${reply.status}`);
    sentences = await reply.json();
    templates = null;
    language = tag;
  } catch (error) {
    console.warn("the language file could not be read; English is shown", error);
    sentences = {};
    language = "en";
  }
  document.documentElement.lang = language;
  translate(document);
  listeners.forEach((listener) => listener());
}

export function translate(root) {
  $$("[data-i18n]", root).forEach((node) => {
    node.dataset.i18n = node.dataset.i18n || node.textContent.trim().replace(/\s+/g, " ");
    node.textContent = t(node.dataset.i18n);
  });
  $$("[data-label]", root).forEach((node) => {
    const label = t(node.dataset.label);
    node.setAttribute("aria-label", label);
    if (node.matches("button, a, [data-tip]")) node.title = node.dataset.key ? `${label} (${node.dataset.key})` : label;
  });
  $$("[data-title]", root).forEach((node) => {
    node.title = `${t(node.dataset.title)} (${node.dataset.key})`;
  });
  $$("[data-placeholder]", root).forEach((node) => {
    node.placeholder = t(node.dataset.placeholder);
  });
}
