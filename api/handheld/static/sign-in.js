// Sign-in: scan the badge, then key the PIN on large digits.

import { button, icon, make, say } from "./element.js";
import { digits } from "./pad.js";

const PIN_MAX = 12;
const DOTS_MIN = 4;

export class SignIn {
  /** `onReady(badge, pin)` is called when both are there. */
  constructor(onReady) {
    this.onReady = onReady;
    this.badge = "";
    this.pin = "";
    this.main = document.getElementById("screen");
    this.hand = document.getElementById("hand");
    this.hand.className = "hand";
    document.getElementById("where").textContent = "Stowline";
    document.getElementById("count").replaceChildren();
    document.getElementById("progress").hidden = true;
    delete document.body.dataset.scenario;
  }

  askBadge(reason = "") {
    this.badge = "";
    this.pin = "";
    document.body.dataset.step = "badge";
    if (reason) say("wrong", "wrong", "Not signed in", reason);
    else say("neutral", "scan", "Scan your badge");
    this.main.replaceChildren(
      make("h1", { className: "target is-text" }, "Sign in"),
      make("div", { className: "lines" }, make("p", {}, "Scan the code on your badge, then key your PIN.")),
      make("div", { className: "emblem" }, icon("badge")),
    );
    this.hand.replaceChildren(
      button([icon("keys"), "Type the badge"], (event) => this.typeBadge(event.currentTarget), "is-quiet is-whole"),
    );
  }

  typeBadge(opener) {
    const field = make("input", { type: "text", placeholder: "Badge", autocomplete: "off", autocapitalize: "characters", spellcheck: false, enterKeyHint: "next", ariaLabel: "Badge" });
    const form = make("form", { className: "entry" }, field, make("button", { type: "submit", className: "is-first" }, "Next"));
    form.onsubmit = (event) => {
      event.preventDefault();
      if (field.value.trim() !== "") this.take(field.value.trim());
    };
    opener.replaceWith(form);
    field.focus();
  }

  /** What the scanner or the keys brought: the badge first, then the PIN; a new badge starts over. */
  take(text) {
    if (this.badge !== "" && /^\d+$/.test(text)) {
      this.pin = text.slice(0, PIN_MAX);
      return this.finish();
    }
    this.badge = text;
    this.pin = "";
    this.askPin();
  }

  /** Shows that keys arrive while a PIN is keyed on a keyboard. */
  typing(text) {
    if (this.badge !== "") this.showDots(text.length);
  }

  askPin() {
    document.body.dataset.step = "pin";
    say("neutral", "hand", "Key your PIN");
    this.dots = make("div", { className: "pin", role: "img" });
    this.main.replaceChildren(
      make("p", { className: "title" }, "Badge"),
      make("h1", { className: "target is-text" }, this.badge),
      this.dots,
    );
    this.showDots(0);
    const pad = digits((digit) => this.key(digit), () => this.back(), () => this.finish(), "OK");
    pad.classList.add("is-whole");
    this.hand.replaceChildren(pad, button("Another badge", () => this.askBadge(), "is-quiet is-whole"));
  }

  showDots(count) {
    const dots = Array.from({ length: Math.max(count, DOTS_MIN) }, (_, at) => make("i", { className: at < count ? "is-set" : "" }));
    this.dots.replaceChildren(...dots);
    this.dots.setAttribute("aria-label", `${count} digits keyed`);
  }

  key(digit) {
    if (this.pin.length < PIN_MAX) this.pin += digit;
    this.showDots(this.pin.length);
  }

  back() {
    this.pin = this.pin.slice(0, -1);
    this.showDots(this.pin.length);
  }

  finish() {
    if (this.pin === "") return;
    this.showDots(this.pin.length);
    this.onReady(this.badge, this.pin);
  }
}
