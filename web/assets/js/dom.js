// el makes an element. Children are nodes or texts; texts become text nodes, so
// that a name from the register is never read as markup.
export function el(tag, attrs = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') {
      for (const [event, f] of Object.entries(value)) node.addEventListener(event, f);
    } else {
      node.setAttribute(name, value === true ? '' : String(value));
    }
  }
  node.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== ''));
  return node;
}

// sync shows items in parent, in order. A line whose item has not changed
// keeps its node, so that a tap or the focus on it is not lost.
export function sync(parent, items, key, make) {
  const old = new Map([...parent.children].map((n) => [n.dataset.key, n]));
  const nodes = items.map((item) => {
    const id = key(item);
    const mark = JSON.stringify(item, (k, v) => (k === 'age_s' ? undefined : v));
    const before = old.get(id);
    if (before && before.syncMark === mark) return before;
    const node = make(item);
    node.dataset.key = id;
    node.syncMark = mark;
    return node;
  });
  const keep = new Set(nodes);
  for (const n of [...parent.children]) if (!keep.has(n)) n.remove();
  nodes.forEach((n, i) => {
    if (parent.children[i] !== n) parent.insertBefore(n, parent.children[i] ?? null);
  });
}

// show puts children in place of what a node has.
export function show(node, ...children) {
  node.replaceChildren(...children.flat().filter((c) => c !== null && c !== undefined && c !== ''));
  node.hidden = false;
}
