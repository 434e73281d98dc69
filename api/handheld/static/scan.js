// Reads a scanner anywhere on the page. A keyboard wedge's keystrokes ended by Enter (or Tab) are one
// scan; no field needs the focus, so the soft keyboard stays away. A DataWedge intent comes as a
// message of the app that shows the page: window.postMessage(extras).

const PAUSE_MS = 1500;
const GROUP_SEPARATOR = "\u001d";
const LINE_END = "\r";
const INTENT = /^com\.symbol\.datawedge\.(data_string|decode_data|barcodes)$/;

/** The character of a key. A wedge types its group separator as Ctrl+], as F8 or as Alt-029. */
function character(event) {
  if (event.key === "F8" || (event.ctrlKey && event.key === "]")) return GROUP_SEPARATOR;
  if (event.ctrlKey || event.altKey || event.metaKey) return "";
  return event.key.length === 1 ? event.key : "";
}

/** The digit that is keyed on the number pad while Alt is held, or "". */
function altDigit(event) {
  return event.altKey && /^Numpad\d$/.test(event.code ?? "") ? event.code.slice(-1) : "";
}

function listenForIntents(onIntent) {
  addEventListener("message", (event) => {
    const extras = event.data;
    if (event.origin !== location.origin || extras === null || typeof extras !== "object") return;
    if (Object.keys(extras).some((name) => INTENT.test(name))) onIntent(extras);
  });
}

/** Calls `onScan(text)` or `onIntent(extras)` for every scan, `onTyping(text)` while one is keyed. */
export function listen(onScan, onTyping, onIntent) {
  let text = "";
  let last = 0;
  let alt = "";

  function finish(event) {
    event.preventDefault();
    const scanned = text;
    text = "";
    onTyping("");
    onScan(scanned);
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.target.matches?.("input, textarea")) return;
    if (event.timeStamp - last > PAUSE_MS) text = alt = "";
    last = event.timeStamp;
    const digit = altDigit(event);
    if (digit !== "") {
      alt += digit;
      return event.preventDefault();
    }
    if ((event.key === "Enter" || event.key === "Tab") && text !== "") return finish(event);
    if (event.key === "Backspace" && text !== "") {
      text = text.slice(0, -1);
      return onTyping(text);
    }
    const typed = character(event);
    // A space or an Enter with nothing typed before it belongs to the focused button.
    if (typed === "" || (typed === " " && text === "")) return;
    event.preventDefault();
    text += typed;
    onTyping(text);
  });

  document.addEventListener("keyup", (event) => {
    if (event.key !== "Alt" || alt === "") return;
    const typed = String.fromCharCode(Number(alt.slice(-3)));
    alt = "";
    if (typed === LINE_END && text !== "") return finish(event);
    if (typed < " " && typed !== GROUP_SEPARATOR) return;
    text += typed;
    onTyping(text);
  });

  listenForIntents(onIntent);

  document.addEventListener("paste", (event) => {
    if (event.target.matches?.("input, textarea")) return;
    const pasted = event.clipboardData?.getData("text").trim();
    if (pasted) onScan(pasted);
  });
}
