// What every screen does alike: Enter, Escape, and where the focus is. Draws nothing.
const SOON_MS = 3000;

function isTyping(node) {
  return node?.matches?.("input, textarea, select, [contenteditable=true], [contenteditable=true] *");
}

/** Opening a form must not take the focus from somebody who has moved on. */
function mayTakeFocus(root, opening) {
  const active = document.activeElement;
  if (root.contains(active)) return true;
  if (opening) {
    const cell = root.closest(".jp-Cell");
    return cell ? cell.classList.contains("jp-mod-active") : active === document.body;
  }
  return !isTyping(active);
}

function focusSoon(root, selector, opening, isLatest) {
  const until = Date.now() + SOON_MS;
  const attempt = () => {
    if (!isLatest()) return;
    const target = [...root.querySelectorAll(selector)].find((node) => node.offsetParent !== null);
    if (target && mayTakeFocus(root, opening)) target.focus({ preventScroll: opening });
    else if (!target && Date.now() < until) setTimeout(attempt, 40);
  };
  attempt();
}

function onKey(root, event) {
  const press = (selector) => {
    const button = [...root.querySelectorAll(selector)].find((node) => node.offsetParent !== null && !node.disabled);
    if (!button) return;
    event.preventDefault();
    button.click();
  };
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key === "Escape") press(".conn-cancel");
  if (event.key === "Enter" && event.target.matches("input:not([type=search]), select")) press("button.conn-primary, button.conn-submit");
}

function render({ model, el: host }) {
  host.classList.add("conn-manners");
  const stop = new AbortController();
  let root = null;
  const opened = Date.now();
  let latest = 0;

  const attach = () => {
    if (stop.signal.aborted) return;
    root = host.closest(".conn-root");
    if (!host.isConnected || !root) {
      setTimeout(attach, 20);
      return;
    }
    root.addEventListener("click", settle, { capture: true, signal: stop.signal });
    root.addEventListener("keydown", (event) => onKey(root, event), { signal: stop.signal });
    // JupyterLab reads plain keys as commands (D D deletes a cell) also on our buttons;
    // those with Ctrl or ⌘, such as Save, stay its own. It asks the focused element first.
    const guard = (event) =>
      event.target.toggleAttribute("data-lm-suppress-shortcuts", !(event.ctrlKey || event.metaKey));
    window.addEventListener(
      "keydown",
      (event) => root.contains(event.target) && guard(event),
      { capture: true, signal: stop.signal },
    );
    model.send({ do: "ready" });
  };
  model.on("msg:custom", (message) => {
    if (message.do !== "focus" || !root) return;
    if (message.opening && Date.now() - opened > SOON_MS) return;
    const number = ++latest;
    focusSoon(root, message.selector, message.opening, () => number === latest);
  });
  attach();
  return () => stop.abort();
}
export default { render };
