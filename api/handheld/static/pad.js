// Digits large enough for gloves: for the PIN, and in a sheet for a number.

import { button, make } from "./element.js";

const DIGITS_MAX = 5;

export function digits(onDigit, onBack, onDone, doneLabel) {
  const keys = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => button(String(digit), () => onDigit(String(digit))));
  const back = button("⌫", onBack);
  back.setAttribute("aria-label", "Delete the last digit");
  return make("div", { className: "digits" }, ...keys, back, button("0", () => onDigit("0")), button(doneLabel, onDone, "is-first"));
}

/** Asks for a whole number in a sheet; `onNumber(number)` is called when it was confirmed. */
export function askNumber(label, onNumber) {
  const sheet = document.getElementById("pad");
  const shown = make("output", { textContent: "–" });
  let text = "";
  const show = () => (shown.textContent = text === "" ? "–" : text);
  const done = () => {
    if (text === "") return;
    sheet.close();
    onNumber(Number(text));
  };
  sheet.replaceChildren(
    make("p", {}, label),
    shown,
    digits(
      (digit) => {
        if (text.length < DIGITS_MAX) text = String(Number(text + digit));
        show();
      },
      () => {
        text = text.slice(0, -1);
        show();
      },
      done,
      "OK",
    ),
  );
  sheet.setAttribute("aria-label", label);
  sheet.showModal();
}
