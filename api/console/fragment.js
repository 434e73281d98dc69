// Shows markup that the server made, and changes only what differs: the focus stays where it is
// and bars can move instead of jumping.

function keyOf(node) {
  return node.dataset?.key;
}

function alike(one, other) {
  return one.nodeType === other.nodeType && one.nodeName === other.nodeName && keyOf(one) === keyOf(other);
}

function morph(old, next) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== next.data) old.data = next.data;
    return;
  }
  for (const { name } of [...old.attributes]) if (!next.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of next.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  morphChildren(old, next);
}

function morphChildren(old, next) {
  const keyed = new Map([...old.children].filter((child) => keyOf(child)).map((child) => [keyOf(child), child]));
  // Counted before any of them is moved over.
  const all = [...next.childNodes];
  all.forEach((wanted, at) => {
    const known = keyOf(wanted) && keyed.get(keyOf(wanted));
    if (known && known !== old.childNodes[at]) old.insertBefore(known, old.childNodes[at] ?? null);
    const present = old.childNodes[at];
    if (!present) old.append(wanted);
    else if (alike(present, wanted)) morph(present, wanted);
    else if (keyOf(present)) old.insertBefore(wanted, present);
    else present.replaceWith(wanted);
  });
  while (old.childNodes.length > all.length) old.lastChild.remove();
}

export default {
  template: "<div></div>",
  props: { markup: String },
  mounted() {
    this.$el.innerHTML = this.markup;
  },
  watch: {
    markup(markup) {
      const next = document.createElement("template");
      next.innerHTML = markup;
      // Elements from a template must be adopted whole, SVG included, before they are moved over.
      morphChildren(this.$el, document.importNode(next.content, true));
    },
  },
};
