// Puts the page together.

import { startBrushing } from "./brushing.js";
import { $, element } from "./dom.js";
import { startChoosing } from "./choices.js";
import { startFiles } from "./files.js";
import { LANGUAGES, currentLanguage, onLanguage, preferredLanguage, setLanguage } from "./i18n.js";
import { listShortcuts, startKeyboard } from "./keyboard.js";
import { startLive } from "./live.js";
import { noteError } from "./notices.js";
import { startChoices } from "./panels/choices.js";
import { startColor } from "./panels/color.js";
import { startCorrected } from "./panels/corrected.js";
import { startDock } from "./panels/dock.js";
import { startMenus } from "./panels/menus.js";
import { startPagesPanel } from "./panels/pages.js";
import { startPainter } from "./panels/painter.js";
import { startPalettes } from "./panels/palettes.js";
import { startResults } from "./panels/results.js";
import { startSettings } from "./panels/settings.js";
import { startSketch } from "./panels/sketch.js";
import { startStrokes } from "./panels/strokes.js";
import { startStyles } from "./panels/styles.js";
import { startTags } from "./panels/tags.js";
import { loadSamples, startStart } from "./panels/start.js";
import { startTaken } from "./panels/taken.js";
import { startTour } from "./panels/tour.js";
import { startViewsPanel } from "./panels/views.js";
import { writeWord } from "./persist.js";
import { startPagesWork } from "./pages.js";
import { startParts } from "./parts.js";
import { startPointer } from "./pointer.js";
import { startPointing } from "./pointing.js";
import { fit, refreshColors } from "./stage.js";
import { startStatus } from "./status.js";
import { onChange, session, setSession } from "./store.js";
import { leave, reopen } from "./studio.js";
import { startTabs } from "./tabs.js";
import { startVariants } from "./variants.js";

function startLanguage() {
  const select = $("#language");
  select.append(...Object.entries(LANGUAGES).map(([tag, name]) => element("option", { value: tag, lang: tag }, name)));
  select.addEventListener("change", () => setLanguage(select.value, { remember: true }));
  onLanguage(() => {
    select.value = currentLanguage();
    listShortcuts();
  });
}

/** System, then the opposite of what the system says, then system again: one button, two looks. */
function startTheme() {
  const root = document.documentElement;
  const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
  $("#theme").addEventListener("click", () => {
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : systemIsDark.matches;
    const next = isDark ? "light" : "dark";
    const isSystem = (next === "dark") === systemIsDark.matches;
    if (isSystem) delete root.dataset.theme;
    else root.dataset.theme = next;
    writeWord("theme", isSystem ? null : next);
    refreshColors();
  });
}

function startSheet() {
  const open = (isOpen) => {
    if (isOpen) document.body.dataset.sheet = "open";
    else delete document.body.dataset.sheet;
    $("#open-sheet").setAttribute("aria-expanded", String(isOpen));
  };
  $("#open-sheet").addEventListener("click", () => open(!document.body.dataset.sheet));
  $("#sheet-grip").addEventListener("click", () => {
    open(false);
    $("#open-sheet").focus({ focusVisible: false });
  });
  $("#canvas").addEventListener("pointerdown", () => open(false));
  $("#help").addEventListener("click", () => {
    listShortcuts();
    $("#shortcuts").showModal();
  });
  $("#shortcuts").addEventListener("click", (event) => event.target === $("#shortcuts") && $("#shortcuts").close());
}

/** Banners lie over the panel, which makes room: a drawing never moves because something is said. */
function startNotices() {
  const room = () => document.body.style.setProperty("--notices", `${$("#notices").offsetHeight}px`);
  new ResizeObserver(room).observe($("#notices"));
}

function showScreen(what) {
  if (what !== "screen") return;
  document.body.dataset.screen = session.screen;
  delete document.body.dataset.sheet;
  document.title = session.room?.name && session.screen === "studio" ? `${session.room.name} – s2p` : "s2p";
  if (session.screen === "studio") {
    $("#canvas").focus({ preventScroll: true, focusVisible: false });
    fit();
  }
}

/** The room named in the address bar, or the first screen. */
async function route() {
  const id = decodeURIComponent(location.hash.slice(1));
  if (!id) return leave();
  if (session.room?.room === id) return;
  try {
    await reopen(id);
  } catch (error) {
    if (session.screen !== "studio") setSession({ screen: "start" }, "screen");
    noteError(error);
  }
}

async function start() {
  startLanguage();
  startTheme();
  startSheet();
  startNotices();
  onChange(showScreen);
  startPointing(); // before the panels: they show what these two have found
  startChoosing();
  startColor();
  startPalettes();
  startPainter();
  startSettings();
  startSketch();
  startStrokes();
  startStyles();
  startTags();
  startVariants();
  startTaken();
  startCorrected();
  startDock();
  startViewsPanel();
  startTour();
  startResults();
  startPagesWork();
  startPagesPanel();
  startChoices();
  startMenus();
  startStart();
  startFiles();
  startKeyboard();
  startLive();
  startBrushing();
  startParts();
  startTabs();
  startPointer({ onError: noteError, picked: () => setSession({ tool: "exact" }) });
  $("#home").addEventListener("click", leave);
  addEventListener("popstate", route);
  await setLanguage(preferredLanguage());
  await Promise.all([startStatus(() => (loadSamples(), route())), loadSamples(), route()]);
}

start().catch(noteError);
