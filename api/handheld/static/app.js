// Ties the handheld together: who is signed in, what the server wants shown, what was scanned.

import { say } from "./element.js";
import { Queue } from "./queue.js";
import { listen } from "./scan.js";
import { draw, fitTarget } from "./screen.js";
import { Refusal, Unreached, call, newId } from "./server.js";
import { SignIn } from "./sign-in.js";
import { signal, wake } from "./signal.js";

const SESSION = "stowline.session";
const SCREEN = "stowline.screen";
const DEVICE = "stowline.device";
const IDLE_MS = 1000;
const IDLE_MS_MAX = 4000;

let signIn = null;
let session = null;
let queue = null;
let screen = null;
let answer = { quantity: null, changed: false };
let idleTimer = 0;
let idleTurns = 0;
let badVerdict = null;

function device() {
  const known = localStorage.getItem(DEVICE) ?? `HH-${newId().slice(0, 8)}`;
  localStorage.setItem(DEVICE, known);
  return known;
}

function show(next) {
  // An idle screen that is still the same is not drawn, or read out, again.
  const same = next.idle && !next.verdict && JSON.stringify(next) === JSON.stringify(screen);
  screen = next;
  if (!same) drawScreen(next);
  clearTimeout(idleTimer);
  idleTurns = next.idle ? idleTurns + 1 : 0;
  if (next.idle) idleTimer = setTimeout(askAgain, Math.min(IDLE_MS * Math.ceil(idleTurns / 10), IDLE_MS_MAX));
}

function drawScreen(next) {
  localStorage.setItem(SCREEN, JSON.stringify({ ...next, verdict: null }));
  answer = draw(next, session.name, {
    action: act,
    scan,
    signOut,
  });
}

function askAgain() {
  if (!screen?.idle || !queue) return;
  // Whoever types a code must not lose it to a redrawn screen.
  const busy = document.hidden || queue.length > 0 || document.querySelector(".entry");
  if (busy) idleTimer = setTimeout(askAgain, IDLE_MS);
  else resume();
}

// Of several kept scans that go out together, a wrong one must not be hidden by a later right one.
function judge(next, waiting) {
  if (next.verdict && !next.verdict.ok) badVerdict = next.verdict;
  if (waiting > 0) return show(next);
  const shown = badVerdict ? { ...next, verdict: badVerdict } : next;
  badVerdict = null;
  show(shown);
  if (shown.verdict) signal(shown.verdict.ok ? "right" : "wrong");
}

function showReach(reached, waiting) {
  const line = document.getElementById("kept");
  // Once shown, the line stays until the last kept scan was answered.
  line.hidden = reached && (waiting === 0 || line.hidden);
  const scans = waiting === 1 ? "1 scan kept" : `${waiting} scans kept`;
  const state = reached ? "Sending" : "Offline";
  line.lastElementChild.textContent = `${state} – ${waiting > 0 ? scans : "scans will be kept"}`;
}

function keep(text) {
  say("kept", "kept", `Kept: ${text}`, "It is sent when the network is back.");
  signal("kept");
}

function refused(error) {
  say("wrong", "wrong", "Not accepted", error.message);
  signal("wrong");
}

function leave(reason = "") {
  queue?.stop();
  clearTimeout(idleTimer);
  const waiting = queue?.length ?? 0;
  queue = session = screen = null;
  localStorage.removeItem(SESSION);
  localStorage.removeItem(SCREEN);
  showReach(true, 0);
  signIn = new SignIn(enter);
  signIn.askBadge(waiting > 0 ? `${reason} ${waiting} unsent: sign in with the same badge to send.` : reason);
}

function begin(opened) {
  session = opened;
  signIn = null;
  queue = new Queue(session, {
    answer: judge,
    refused,
    lost: () => leave("The session has ended."),
    reach: showReach,
  });
}

async function enter(badge, pin) {
  try {
    const opened = await call("POST", "sessions", { body: { badge, pin, device: device() } });
    begin({ token: opened.token, name: opened.staff.name, badge });
    localStorage.setItem(SESSION, JSON.stringify(session));
    show(opened.screen);
    queue.send();
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof Unreached)) throw error;
    signal("wrong");
    signIn.askBadge(error instanceof Refusal ? error.message : "The server can't be reached.");
  }
}

/** After a reload, or when the network is back: the server knows where we are. */
async function resume() {
  if (!queue) return;
  if (queue.length > 0) return queue.send();
  const asked = queue;
  const added = queue.added;
  try {
    const current = await call("GET", "screen", { token: session.token });
    // What was scanned meanwhile brings a newer screen than this one.
    if (asked !== queue || added !== queue.added) return;
    showReach(true, 0);
    show(current);
  } catch (error) {
    if (asked !== queue) return;
    if (error instanceof Refusal) return leave(error.status === 401 ? "" : error.message);
    if (!(error instanceof Unreached)) throw error;
    showReach(false, queue.length);
    queue.timer = setTimeout(resume, IDLE_MS_MAX);
  }
}

function scan(text) {
  if (signIn) return signIn.take(text.trim());
  send({ input: text }, text);
}

/** A scan as DataWedge's extras; the server reads them, but a badge is asked for before there is one. */
function scanIntent(extras) {
  const text = String(extras["com.symbol.datawedge.data_string"] ?? "");
  if (signIn) return signIn.take(text.trim());
  send({ intent: extras }, text);
}

function send(read, text) {
  const sheet = document.getElementById("pad");
  if (sheet.open) sheet.close();
  const offline = queue.failures > 0;
  // A quantity left as asked is the server's to fill in: a scan may mean another item.
  queue.add({ ...read, quantity: answer.changed ? answer.quantity : null });
  if (offline) keep(text);
}

/** An action of the screen; where it asks for a number and wants no scan, the number goes along. */
function act(code, quantity = null) {
  return queue.add({ action: code, quantity });
}

async function signOut() {
  if (queue.length > 0) return refused(new Error("Scans are still unsent. Wait for the network."));
  try {
    await call("DELETE", "sessions/current", { token: session.token });
  } catch (error) {
    if (error instanceof Unreached) return refused(new Error("The server can't be reached."));
    if (!(error instanceof Refusal)) throw error;
  }
  leave();
}

function start() {
  const kept = localStorage.getItem(SESSION);
  if (kept === null) return leave();
  begin(JSON.parse(kept));
  const last = localStorage.getItem(SCREEN);
  if (last !== null) show(JSON.parse(last));
  resume();
}

listen(scan, (text) => signIn?.typing(text), scanIntent);
for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, wake, { passive: true });
addEventListener("resize", fitTarget);
if ("serviceWorker" in navigator) navigator.serviceWorker.register("sw.js");
start();
