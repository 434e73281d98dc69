// Scans on their way to the server. They are written down before they are sent, go one at a time
// and in order, and keep their id, so that a scan sent twice counts once. Each operator's scans
// are kept under the operator's own badge.

import { Refusal, Unreached, call, newId } from "./server.js";

const RETRY_MS = [500, 1000, 2000, 4000, 8000];

export class Queue {
  /** `on` = { answer(screen, waiting), refused(error), lost(), reach(reached, waiting) } */
  constructor(session, on) {
    this.session = session;
    this.on = on;
    this.key = `stowline.kept.${session.badge}`;
    this.scans = JSON.parse(localStorage.getItem(this.key) ?? "[]");
    this.sending = false;
    this.stopped = false;
    this.failures = 0;
    this.added = 0;
    this.timer = 0;
    this.retry = () => this.send();
    addEventListener("online", this.retry);
  }

  get length() {
    return this.scans.length;
  }

  add({ input = null, intent = null, action = null, quantity = null }) {
    this.scans.push({ id: newId(), input, intent, action, quantity });
    this.added += 1;
    this.write();
    if (this.failures > 0) this.on.reach(false, this.length);
    return this.send();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    removeEventListener("online", this.retry);
  }

  write() {
    localStorage.setItem(this.key, JSON.stringify(this.scans));
  }

  async send() {
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.timer);
    try {
      while (this.scans.length > 0 && !this.stopped && (await this.sendFirst()));
    } finally {
      this.sending = false;
    }
  }

  async sendFirst() {
    try {
      const screen = await call("POST", "scans", { token: this.session.token, body: this.scans[0] });
      this.settle();
      this.on.answer(screen, this.length);
    } catch (error) {
      if (error instanceof Refusal) return this.refuse(error);
      if (!(error instanceof Unreached)) throw error;
      this.waitForNetwork();
      return false;
    }
    return true;
  }

  settle() {
    this.failures = 0;
    this.scans.shift();
    this.write();
    this.on.reach(true, this.length);
  }

  refuse(error) {
    if (error.status === 401) {
      this.on.lost();
      return false;
    }
    this.settle();
    this.on.refused(error);
    return true;
  }

  waitForNetwork() {
    const wait_ms = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures += 1;
    this.on.reach(false, this.length);
    this.timer = setTimeout(this.retry, wait_ms);
  }
}
