// The server's API, one function per route. Every failure is an ApiError whose message is a sentence for people.

import { t, told } from "./i18n.js";

// Everything is found from where this file lies: the server may stand in a folder of another one, such as /paint/.
const HOME = new URL("../", import.meta.url);
const ROOT = new URL("api/v1", HOME).href;
const ADDRESS = "/api/v1/";

/** An answer of the server with its addresses as they are seen from here, and its errors in the language of the page. */
export function fromHere(data) {
  if (typeof data === "string") return data.startsWith(ADDRESS) ? HOME.pathname + data.slice(1) : data;
  if (Array.isArray(data)) return data.map(fromHere);
  if (data === null || typeof data !== "object") return data;
  const isError = typeof data.message === "string" && "code" in data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, isError && key === "message" ? told(value) : fromHere(value)]));
}

/** The address of a result whose file gets its name from the link; else the server's name, which has the time in it, wins. */
export const unnamed = (address) => `${address}${address.includes("?") ? "&" : "?"}unnamed`;

export class ApiError extends Error {
  constructor(message, { status = 0, code = "" } = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
  }

  /** The server could not be reached at all (it is stopped, restarting, or the network is gone). */
  get isOffline() {
    return this.status === 0;
  }
}

/** An error that the page itself found, with a sentence for people as the server's have. */
export const refusal = (sentence) => Object.assign(new Error(sentence), { name: "ApiError" });

/** A file of the server's. */
export async function fetched(url) {
  const reply = await fetch(url).catch(() => null);
  if (!reply) throw new ApiError(t("The server does not answer. Is it still running?"), { code: "offline" });
  if (!reply.ok) throw new ApiError(t("The server answered with error {n}.", { n: reply.status }), { status: reply.status });
  return reply.blob();
}

async function request(method, path, { json, form, signal } = {}) {
  const options = { method, signal, headers: { Accept: "application/json" } };
  if (json !== undefined) {
    options.body = JSON.stringify(json);
    options.headers["Content-Type"] = "application/json";
  } else if (form) {
    options.body = form;
  }
  let reply;
  try {
    reply = await fetch(ROOT + path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(t("The server does not answer. Is it still running?"), { code: "offline" });
  }
  const data = fromHere(await reply.json().catch(() => null));
  if (!reply.ok) {
    const message = data?.error?.message || t("The server answered with error {n}.", { n: reply.status });
    throw new ApiError(message, { status: reply.status, code: data?.error?.code || "" });
  }
  return data;
}

const withFile = (file, name, fields = {}) => {
  const form = new FormData();
  for (const [key, value] of Object.entries(fields)) form.append(key, value);
  form.append("file", file, file.name || name);
  if (file.name) form.append("name", file.name);
  return form;
};
const part = encodeURIComponent;

export const api = {
  status: (signal) => request("GET", "/status", { signal }),
  tags: () => request("GET", "/tags"),
  readTags: (words) => request("GET", `/tags?words=${part(words)}`),
  styles: () => request("GET", "/styles"),
  samples: () => request("GET", "/samples"),
  openSample: (name) => request("POST", `/samples/${part(name)}/rooms`),
  createRoom: (file, choice) => request("POST", "/rooms", { form: withFile(file, "sketch.png", choice) }),
  createRoomFrom: (url) => request("POST", "/rooms", { json: { url } }),
  room: (room) => request("GET", `/rooms/${part(room)}`),
  deleteRoom: (room) => request("DELETE", `/rooms/${part(room)}`),
  addReference: (room, file) => request("POST", `/rooms/${part(room)}/references`, { form: withFile(file, "reference.png") }),
  resultUrl: (room, result) => `${ROOT}/rooms/${part(room)}/results/${part(result)}`,
  regions: (room, { method, intake }) => request("GET", `/rooms/${part(room)}/regions?method=${part(method)}${intake ? `&intake=${part(intake)}` : ""}`),
  startJob: (room, job) => request("POST", `/rooms/${part(room)}/jobs`, { json: job }),
  job: (job) => request("GET", `/jobs/${part(job)}`),
  cancelJob: (job) => request("DELETE", `/jobs/${part(job)}`),
  enough: (job) => request("POST", `/jobs/${part(job)}/enough`),
  pause: (job) => request("POST", `/jobs/${part(job)}/pause`),
  resume: (job) => request("POST", `/jobs/${part(job)}/resume`),
  eventsUrl: (job) => `${ROOT}/jobs/${part(job)}/events`,
  hintsOf: async (url) => {
    const reply = await fetch(url).catch(() => null);
    if (!reply?.ok) throw new ApiError(t("The hints of this result are no longer on the server."));
    return reply.text();
  },
};
