// Digits large enough for gloves: for the PIN, and in a sheet for a number.

import { button, make } from "./element.js";

const DIGITS_MAX = 5;

/** A number of smallest units as people write it: 3360 with two decimal places is 33.60. */
export function decimal(quantity, scale = 0) {
  if (!scale) return String(quantity);
  const text = String(quantity).padStart(scale + 1, "0");
  return `${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

/** What was typed, in smallest units: 33.6 with two decimal places is 3360. */
function smallest(text, scale) {
  const [whole, places = ""] = text.split(".");
  return Number(whole + places.padEnd(scale, "0"));
}

export function digits(onDigit, onBack, onDone, doneLabel, onPoint = null) {
  const keys = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => button(String(digit), () => onDigit(String(digit))));
  const back = button("⌫", onBack);
  back.setAttribute("aria-label", "Delete the last digit");
  const zero = button("0", () => onDigit("0"));
  if (!onPoint) return make("div", { className: "digits" }, ...keys, back, zero, button(doneLabel, onDone, "is-first"));
  const point = button(".", onPoint);
  point.setAttribute("aria-label", "Decimal point");
  return make("div", { className: "digits" }, ...keys, point, zero, back, button(doneLabel, onDone, "is-first is-whole"));
}

/** Asks for a number with at most `scale` decimal places; `onNumber` gets it in smallest units. */
export function askNumber(label, scale, onNumber) {
  const sheet = document.getElementById("pad");
  const shown = make("output", { textContent: "–" });
  let text = "";
  const show = () => (shown.textContent = text === "" ? "–" : text);
  const done = () => {
    if (text === "") return;
    sheet.close();
    onNumber(smallest(text, scale));
  };
  const add = (digit) => {
    const [whole, places] = text.split(".");
    if (places !== undefined) text = places.length < scale ? text + digit : text;
    else if (whole.length < DIGITS_MAX) text = String(Number(text + digit));
    show();
  };
  const point = () => {
    if (!text.includes(".")) text = `${text || "0"}.`;
    show();
  };
  sheet.replaceChildren(
    make("p", {}, label),
    shown,
    digits(
      add,
      () => {
        text = text.slice(0, -1);
        show();
      },
      done,
      "OK",
      scale > 0 ? point : null,
    ),
  );
  sheet.setAttribute("aria-label", label);
  sheet.showModal();
}
