// Draws one screen as the server described it. What to do next is the server's business; this
// file only decides how large and where.

import { button, icon, make, say } from "./element.js";
import { askNumber, decimal } from "./pad.js";

const WANTED = {
  bin: "Scan the bin label",
  item: "Scan the item",
  tote: "Scan the tote",
  carton: "Scan the carton",
  label: "Scan the parcel label",
  place: "Scan the place label",
  cart: "Scan the cart",
  warehouse: "Scan a place label",
  shipment: "Scan the shipment's label",
  lot: "Scan or type the lot",
  expiry: "Type the last day",
  serial: "Scan the serial number",
};
const SCENARIOS = { menu: "Menu", pick: "Pick", pack: "Pack", load: "Load", receive: "Receive", move: "Move", count: "Count" };
// Actions that lead out of what somebody is at.
const OUT = new Set(["menu", "warehouse"]);
const NUMBER_MAX = 99999;
const SENT_MAX = 1e9;
const LONG_FACT = 14;
const TARGET_MAX = 16;

function wanted(screen) {
  if (screen.idle) return ["wait", "wait", screen.step === "paused" ? "Paused" : "Waiting for work"];
  if (WANTED[screen.expect]) return ["neutral", "scan", WANTED[screen.expect]];
  return ["neutral", "hand", screen.ask ? "Enter the number" : "Choose below"];
}

function showVerdict(screen) {
  const [mood, symbol, text] = wanted(screen);
  const verdict = screen.verdict;
  if (!verdict) return say(mood, symbol, text);
  if (verdict.ok) return say("right", "right", verdict.text || "Right", screen.idle ? "" : text);
  return say("wrong", "wrong", "Wrong", verdict.text);
}

function showHeader(screen, name) {
  const scenario = SCENARIOS[screen.scenario] ?? screen.scenario;
  document.getElementById("where").textContent = screen.scenario === "menu" ? name : scenario;
  const bar = document.getElementById("progress");
  const count = document.getElementById("count");
  bar.hidden = !screen.progress;
  count.replaceChildren();
  if (!screen.progress) return;
  bar.max = Math.max(screen.progress.total, 1);
  bar.value = screen.progress.done;
  count.append(make("b", {}, String(screen.progress.done)), ` of ${screen.progress.total}`);
}

function target(text) {
  const words = text.length > TARGET_MAX;
  const parts = words ? [text] : text.split(/(-)/).map((part) => (part === "-" ? make("i", {}, "-") : part));
  return make("h1", { className: words ? "target is-text" : "target" }, ...parts);
}

/** Makes the big code as large as the width allows; call it again when the width changes. */
export function fitTarget() {
  const element = document.querySelector(".target:not(.is-text)");
  if (!element) return;
  const largest_px = 96;
  element.style.fontSize = `${largest_px}px`;
  const range = document.createRange();
  range.selectNodeContents(element);
  const share = element.clientWidth / range.getBoundingClientRect().width;
  element.style.fontSize = `${Math.floor(Math.min(1, share) * largest_px)}px`;
}

function facts(list) {
  const rows = list.map(({ label, value }) =>
    make("div", { className: String(value).length > LONG_FACT ? "is-wide" : "" }, make("dt", {}, label), make("dd", {}, String(value))),
  );
  return make("dl", { className: "facts" }, ...rows);
}

function stepper(ask, answer) {
  const number = make("button", { type: "button", className: "number" });
  // Quantities are in smallest units; people see and type whole ones, with their decimals.
  const whole = 10 ** (ask.scale ?? 0);
  const most = Math.min(NUMBER_MAX * whole, SENT_MAX);
  const said = (quantity) => decimal(quantity, ask.scale);
  const show = () => {
    const differs = answer.quantity !== ask.quantity && ask.quantity > 0;
    const shown = said(answer.quantity);
    number.replaceChildren(make("span", { className: shown.length > 5 ? "is-long" : "" }, shown), make("small", {}, differs ? `asked: ${said(ask.quantity)} ${ask.unit}` : ask.unit));
    number.classList.toggle("is-changed", answer.quantity !== ask.quantity);
    number.setAttribute("aria-label", `Quantity ${shown} ${ask.unit}${differs ? `, asked ${said(ask.quantity)}` : ""}. Tap to enter another.`);
  };
  const set = (quantity) => {
    answer.quantity = Math.min(Math.max(quantity, 0), most);
    answer.changed = answer.quantity !== ask.quantity;
    show();
  };
  number.onclick = () => askNumber(`How many ${ask.unit}?`, ask.scale ?? 0, set);
  show();
  const less = button("−", () => set(answer.quantity - whole));
  const more = button("+", () => set(answer.quantity + whole));
  less.setAttribute("aria-label", "One less");
  more.setAttribute("aria-label", "One more");
  return make("div", { className: "ask", role: "group", ariaLabel: "Quantity" }, less, number, more);
}

function entry(hand, onScan, placeholder = "Code") {
  const field = make("input", { type: "text", placeholder, autocomplete: "off", autocapitalize: "characters", spellcheck: false, enterKeyHint: "send", ariaLabel: "Type a code" });
  const form = make("form", { className: "entry" }, field, make("button", { type: "submit", className: "is-first" }, "OK"));
  form.onsubmit = (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (text === "") return;
    field.blur();
    onScan(text);
  };
  hand.append(form);
  return field;
}

function typeButton(hand, onScan) {
  const open = button([icon("keys"), "Type a code"], () => {
    open.remove();
    for (const left of hand.querySelectorAll(".is-quiet")) left.classList.add("is-whole");
    entry(hand, onScan).focus();
  }, "is-quiet");
  return open;
}

function drawHand(screen, answer, on) {
  const hand = document.getElementById("hand");
  const menu = screen.scenario === "menu" && !screen.idle;
  hand.className = menu && screen.step === "menu" ? "hand is-menu" : "hand";
  hand.replaceChildren();
  if (screen.ask) hand.append(stepper(screen.ask, answer));
  // Where a number is asked for and no scan is wanted, the first action is how it is given.
  const gives = Boolean(screen.ask) && !WANTED[screen.expect];
  // The way out stands last and quiet, beside the keyboard: nobody needs it at arm's length.
  const out = (screen.actions ?? []).find(({ code }) => OUT.has(code));
  const actions = (screen.actions ?? []).filter((action) => action !== out);
  actions.forEach(({ code, label }, at) => {
    const alone = actions.length % 2 === 1 && at === actions.length - 1;
    const act = () => on.action(code, gives ? answer.quantity : null);
    const chosen = button(label, act, `${alone ? "is-whole" : ""} ${gives && at === 0 ? "is-first" : ""}`);
    chosen.dataset.code = code;
    hand.append(chosen);
  });
  const ways = [];
  // A day is on no barcode of its own: where one is asked, its field is open already.
  if (screen.expect === "expiry") entry(hand, on.scan, "2027-01-31");
  else if (WANTED[screen.expect]) ways.push(typeButton(hand, on.scan));
  if (out) ways.push(button(out.label, () => on.action(out.code), "is-quiet"));
  if (menu) ways.push(button("Sign out", on.signOut, "is-quiet"));
  for (const way of ways) way.classList.toggle("is-whole", ways.length === 1);
  hand.append(...ways);
}

/** Draws `screen`; answers { quantity, changed }, which follow the stepper. */
export function draw(screen, name, on) {
  const answer = { quantity: screen.ask ? screen.ask.quantity : null, changed: false };
  const main = document.getElementById("screen");
  document.getElementById("pad").close();
  document.body.dataset.step = screen.step;
  document.body.dataset.scenario = screen.scenario;
  showHeader(screen, name);
  showVerdict(screen);
  main.replaceChildren(
    ...[
      screen.title ? make(screen.target ? "p" : "h1", { className: screen.target ? "title" : "target is-text" }, screen.title) : null,
      screen.target ? target(screen.target) : null,
      screen.lines?.length ? make("div", { className: "lines" }, ...screen.lines.map((line) => make("p", {}, line))) : null,
      screen.facts?.length ? facts(screen.facts) : null,
    ].filter((part) => part !== null),
  );
  drawHand(screen, answer, on);
  fitTarget();
  return answer;
}
