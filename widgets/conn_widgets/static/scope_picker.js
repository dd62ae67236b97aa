// What a connection may do: presets, a box per scope, and how many are chosen.
const FILTER_FROM = 12;

function render({ model, el: host }) {
  const scopes = model.get("scopes");
  const all = scopes.map((scope) => scope.name);
  const presets = {
    "read-only": scopes.filter((scope) => scope.read_only).map((scope) => scope.name),
    usual: model.get("usual"),
    all,
  };
  const id = uid();
  const bar = el("div", { class: "conn-scopes-bar" });
  const list = el("div", { class: "conn-scopes-list" });
  const boxes = new Map();
  let wanted = "";

  for (const scope of scopes) {
    const box = el("input", { type: "checkbox", onchange: () => choose(all.filter((name) => boxes.get(name).checked)) });
    boxes.set(scope.name, box);
    list.append(
      el(
        "label",
        { class: "conn-scope", "data-text": `${scope.display_name} ${scope.name}`.toLowerCase() },
        box,
        el("span", { class: "conn-scope-text" }, scope.display_name ? el("span", {}, scope.display_name) : "", code(scope.name)),
        scope.read_only ? el("span", { class: "conn-badge" }, icon("eye"), "read-only") : "",
      ),
    );
  }
  const none = el("p", { class: "conn-scope conn-muted", hidden: true });
  list.append(none);

  const choose = (names) => set(model, "value", names);
  const same = (names) => {
    const chosen = model.get("value");
    return names.length > 0 && names.length === chosen.length && names.every((name) => chosen.includes(name));
  };
  const filter = () => {
    let hits = 0;
    for (const row of list.querySelectorAll("[data-text]")) {
      row.hidden = !row.dataset.text.includes(wanted);
      hits += row.hidden ? 0 : 1;
    }
    none.hidden = hits > 0;
    none.textContent = `No scope matches “${wanted}”.`;
  };

  const count = el("span", { class: "conn-small", "aria-live": "polite" });
  const buttons = el("div", {});
  bar.append(buttons, count);
  const legend = el("legend", { class: "conn-label" }, "Scopes ", el("span", { class: "conn-muted" }, "what this connection may do"));
  const frame = el("div", { class: "conn-scopes" }, bar);
  if (scopes.length >= FILTER_FROM) {
    const search = searchBox(`Find one of ${scopes.length} scopes`, "", (event) => {
      wanted = event.target.value.trim().toLowerCase();
      filter();
    });
    search.classList.add("conn-scopes-find");
    frame.append(search);
  }
  frame.append(list);
  host.append(el("fieldset", { class: "conn-field conn-fieldset" }, legend, frame));

  follow(model, ["value", "error"], () => {
    const chosen = model.get("value");
    for (const [name, box] of boxes) box.checked = chosen.includes(name);
    const pressed = Object.keys(presets).find((preset) => same(presets[preset])) ?? null;
    const offered = [["read-only", "Read-only"], ["usual", "Usual"], ["all", "All"]].filter(([preset]) => presets[preset].length);
    const focused = buttons.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    buttons.replaceChildren(segments("Preset", offered, pressed, (preset) => choose(presets[preset])));
    if (focused) buttons.querySelector(`[data-id="${focused}"]`)?.focus();
    const readOnly = chosen.length > 0 && chosen.every((name) => presets["read-only"].includes(name));
    count.textContent = `${chosen.length} of ${all.length} chosen${readOnly ? ", all read-only" : ""}`;
    putBelow(frame, errorLine(`${id}-error`, model.get("error")));
  });
}
export default { render };
