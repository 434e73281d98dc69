// Talks to the server. A refusal (4xx) is an answer; no network, a time-out or a 5xx is Unreached,
// and whoever called may try again with the same id.

const WAIT_MS = 8000;

export class Unreached extends Error {}

export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `The server refused (${status}).`);
    this.status = status;
  }
}

/** An id that makes a scan repeatable; `randomUUID` is missing where the page came without TLS. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export async function call(method, path, { token, body } = {}) {
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      cache: "no-store",
      signal: AbortSignal.timeout(WAIT_MS),
    });
  } catch (error) {
    throw new Unreached(String(error));
  }
  if (response.status >= 500 || response.status === 429) throw new Unreached(`HTTP ${response.status}`);
  const text = await response.text();
  let answer = null;
  if (text !== "") {
    try {
      answer = JSON.parse(text);
    } catch {
      // A hotel's or a proxy's page instead of ours: the server was not reached.
      throw new Unreached("the answer is not from the warehouse server");
    }
  }
  // The same scan, sent before, is still being worked on: its answer comes with the next try.
  if (answer?.code === "in_flight") throw new Unreached(answer.code);
  if (!response.ok) throw new Refusal(response.status, answer ?? {});
  return answer;
}
