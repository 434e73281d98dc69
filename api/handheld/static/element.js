// Small makers of elements. Text always goes in as text, never as markup.

export function make(tag, properties = {}, ...children) {
  const { data, ...rest } = properties;
  const element = Object.assign(document.createElement(tag), rest);
  Object.assign(element.dataset, data);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

export function button(label, onClick, className = "") {
  return make("button", { type: "button", className, onclick: onClick }, ...[label].flat());
}

/** The words of `text`, with codes such as A-03-07-2 kept on one line. */
function words(text) {
  return text.split(/(\s+)/).map((word) => (/\d.*-|-.*\d/.test(word) ? make("span", { className: "code" }, word) : word));
}

/** The band under the header: one sentence, one mood (neutral, right, wrong, kept or wait). */
export function say(mood, symbol, text, next = "") {
  const band = document.getElementById("band");
  band.dataset.mood = mood;
  band.querySelector("use").setAttribute("href", `#i-${symbol}`);
  document.getElementById("say").replaceChildren(...words(text));
  document.getElementById("next").replaceChildren(...words(next));
  document.body.classList.toggle("is-wrong", mood === "wrong");
  band.classList.remove("is-new");
  // Reading a size makes the browser notice that the class went, so that the motion starts anew.
  void band.offsetWidth;
  band.classList.add("is-new");
}
