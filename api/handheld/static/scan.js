// Reads a keyboard-wedge scanner anywhere on the page: keystrokes ended by Enter (or Tab) are one
// scan. No field needs the focus, so the soft keyboard stays away.

const PAUSE_MS = 1500;
const GROUP_SEPARATOR = "\u001d";

function character(event) {
  // A GS1 scanner types its group separator as Ctrl+].
  if (event.ctrlKey && event.key === "]") return GROUP_SEPARATOR;
  if (event.ctrlKey || event.altKey || event.metaKey) return "";
  return event.key.length === 1 ? event.key : "";
}

/** Calls `onScan(text)` for every scan and `onTyping(text)` while one is being keyed. */
export function listen(onScan, onTyping) {
  let text = "";
  let last = 0;

  function finish(event) {
    event.preventDefault();
    const scanned = text;
    text = "";
    onTyping("");
    onScan(scanned);
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.target.matches?.("input, textarea")) return;
    if (event.timeStamp - last > PAUSE_MS) text = "";
    last = event.timeStamp;
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

  document.addEventListener("paste", (event) => {
    if (event.target.matches?.("input, textarea")) return;
    const pasted = event.clipboardData?.getData("text").trim();
    if (pasted) onScan(pasted);
  });
}
