// Whether the server is there, and what it says about itself.

import { api } from "./api.js";
import { t, told, onLanguage } from "./i18n.js";
import { banner } from "./notices.js";
import { session, setSession } from "./store.js";

const CALM_MS = 15_000;
const WARMING_MS = 2_000;
const AWAY_MS = 2_000;
let timer = 0;

function showBanners() {
  const { status, isOnline } = session;
  banner("offline", isOnline ? null : t("The server does not answer. Trying again…"), "loud");
  banner("problem", isOnline && status?.problem ? told(status.problem) : null, "loud");
  const names = (status?.networks || []).filter((network) => !network.trained).map((network) => network.name);
  const isUntrained = status?.untrained === true;
  const sentence = names.length
    ? t("Untrained: {names}. Their weights are random, so expect wrong colours or noise.", { names: names.join(", ") })
    : t("Untrained: the weights are random, so expect wrong colours or noise.");
  const lacks = (status?.lacks || []).join(", ");
  const unfilled = lacks && !isUntrained ? t("The weights of {names} are missing, so line art is painted by the six networks instead of being filled.", { names: lacks }) : null;
  banner("untrained", isUntrained ? sentence : unfilled, "loud");
}

async function ask(onReturn) {
  clearTimeout(timer);
  const wasOnline = session.isOnline;
  try {
    const status = await api.status();
    setSession({ status, isOnline: true });
    if (!wasOnline) onReturn();
  } catch (error) {
    setSession({ isOnline: !error.isOffline && wasOnline });
  }
  showBanners();
  const { status } = session;
  const isMeasuring = status?.preview === false && status.preview_seconds === null && !status.untrained;
  const isWarming = status?.worker && (isMeasuring || !["ready", "busy"].includes(status.worker));
  timer = setTimeout(() => ask(onReturn), !session.isOnline ? AWAY_MS : isWarming ? WARMING_MS : CALM_MS);
}

/** Asks now and from time to time; onReturn is called when the server was away and is back. */
export async function startStatus(onReturn) {
  onLanguage(showBanners);
  document.addEventListener("visibilitychange", () => !document.hidden && ask(onReturn));
  addEventListener("online", () => ask(onReturn));
  await ask(onReturn);
}
