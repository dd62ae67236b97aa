// Shared by every part; ICONS is put before it. Texts only ever become text nodes and
// attribute values: what a service, a provider or a colleague wrote is never markup.
const SVG = "http://www.w3.org/2000/svg";

/** Make an element; `onclick` and friends become listeners, `false` leaves out. */
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== false));
  return node;
}

/** Draw one of our icons; it always stands beside words. */
function icon(name, more = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `conn-icon ${more}`.trim());
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  for (const [tag, attributes] of ICONS[name] ?? []) {
    const shape = document.createElementNS(SVG, tag);
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
    svg.append(shape);
  }
  return svg;
}

/** Return nodes for a text in which `backticks` mark code. */
function marked(text) {
  return String(text)
    .split("`")
    .map((piece, i) => (i % 2 ? code(piece) : document.createTextNode(piece)));
}

/** Show a scope, link name or address; long ones may break after a dot. */
function code(text) {
  const node = el("code", { class: "conn-code" });
  String(text)
    .split(/(?<=\.)/)
    .forEach((piece, i) => node.append(...(i ? [el("wbr"), piece] : [piece])));
  return node;
}

function monogram(letters, hue) {
  const tint = hue ? ` conn-mono--${Number(hue)}` : "";
  return el("span", { class: `conn-mono${tint}`, "aria-hidden": "true" }, letters);
}

/** Return an id for `label for=…`; views of one widget must not share it. */
const uid = () => `conn-${Math.random().toString(36).slice(2, 12)}`;

/** Follow a trait now and later. */
function follow(model, names, show) {
  for (const name of names) model.on(`change:${name}`, show);
  show();
}

/** What was typed or chosen since a button was pressed, by model. */
const unsettled = new Map();

function set(model, name, value) {
  model.set(name, value);
  model.save_changes();
  if (!unsettled.has(model)) unsettled.set(model, new Set());
  unsettled.get(model).add(name);
}

/**
 * Send what was typed, ahead of the button that is being pressed. While a change is on
 * its way Jupyter holds the later ones back, but no press of a button: in a busy kernel
 * it would come before the rest of a name.
 */
function settle() {
  for (const [model, names] of unsettled) {
    model.send({ do: "settle", state: Object.fromEntries([...names].map((name) => [name, model.get(name)])) });
  }
  unsettled.clear();
}

/** Copy a text; pages on plain http have no clipboard, so select and copy there. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = el("textarea", { class: "conn-sr", "aria-hidden": "true" });
    area.value = text;
    const before = document.activeElement;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    before?.focus?.();
    return done;
  }
}

/** A Copy button that says Copied for two seconds. */
function copyButton(getText, { label = "Copy", what = "", small = false } = {}) {
  const words = el("span", {}, label);
  const said = el("span", { class: "conn-sr", role: "status" });
  let later;
  const button = el(
    "button",
    {
      type: "button",
      class: `conn-btn${small ? " conn-btn--s" : ""}`,
      "aria-label": what ? `${label} ${what}` : false,
      onclick: async () => {
        const done = await copyText(getText());
        words.textContent = done ? "Copied" : "Select it and copy";
        said.textContent = words.textContent;
        clearTimeout(later);
        later = setTimeout(() => {
          words.textContent = label;
          said.textContent = "";
        }, 2000);
      },
    },
    words,
    said,
  );
  return button;
}

/** Put a line (or nothing) after a node; what stays is not moved, or it loses the focus. */
function putBelow(anchor, line) {
  while (anchor.nextSibling) anchor.nextSibling.remove();
  if (line) anchor.after(line);
}

/** A field's error: spoken at once, and described by it. */
function errorLine(id, text) {
  return text
    ? el("p", { class: "conn-error", role: "alert", id }, icon("warn"), el("span", {}, text))
    : null;
}

/** The line below an input: its error, else its help. */
function lineBelow(model, id) {
  const help = model.get("help");
  const error = errorLine(`${id}-error`, model.get("error"));
  return error ?? (help ? el("p", { class: "conn-help", id: `${id}-help` }, ...marked(help)) : null);
}

/** Show error or help below a box, and say so to screen readers. */
function describe(input, model, id, box) {
  const below = lineBelow(model, id);
  const wrong = Boolean(model.get("error"));
  putBelow(box, below);
  box.classList.toggle("conn-invalid", wrong);
  input.setAttribute("aria-invalid", String(wrong));
  if (below) input.setAttribute("aria-describedby", below.id);
  else input.removeAttribute("aria-describedby");
}

const TOKENS = /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(%%\w+|\b(?:as|async|await|def|for|from|import|in|return|with)\b)/g;

/** Show code; strings and words of the language in the colours of the editor. */
function snippet(text) {
  const block = el("pre", { class: "conn-snippet", tabindex: 0 });
  let from = 0;
  for (const found of text.matchAll(TOKENS)) {
    block.append(text.slice(from, found.index), el(found[1] ? "q" : "b", {}, found[0]));
    from = found.index + found[0].length;
  }
  block.append(text.slice(from));
  return block;
}

/** Tabs: arrows, Home and End move; `tabs` are [id, label, count]. */
function tabList(label, tabs, chosen, choose) {
  const list = el("div", { class: "conn-tabs", role: "tablist", "aria-label": label });
  for (const [id, words, count] of tabs) {
    list.append(
      el(
        "button",
        {
          type: "button",
          role: "tab",
          "data-id": id,
          "aria-selected": String(id === chosen),
          tabindex: id === chosen ? 0 : -1,
          onclick: () => choose(id),
        },
        words,
        count === null || count === undefined
          ? null
          : el("span", { class: "conn-count" }, Number(count).toLocaleString("en")),
      ),
    );
  }
  list.addEventListener("keydown", (event) => {
    const all = [...list.children];
    const at = all.indexOf(document.activeElement);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (next === undefined || at < 0) return;
    event.preventDefault();
    const to = all[(next + all.length) % all.length];
    to.focus(); // at once, for who presses twice before the answer comes
    choose(to.dataset.id);
  });
  return list;
}

/** A row of choices of which one is pressed. */
function segments(label, choices, chosen, choose) {
  return el(
    "div",
    { class: "conn-seg", role: "group", "aria-label": label },
    ...choices.map(([id, words]) =>
      el(
        "button",
        { type: "button", "data-id": id, "aria-pressed": String(id === chosen), onclick: () => choose(id) },
        words,
      ),
    ),
  );
}

function searchBox(label, value, oninput) {
  const input = el("input", { type: "search", "aria-label": label, placeholder: label, oninput });
  input.value = value;
  return el(
    "div",
    { class: "conn-input conn-input--search" },
    icon("search", "conn-icon--quiet"),
    input,
  );
}
