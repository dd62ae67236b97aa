// A question with few answers, all of them in sight; arrows move, as in radio buttons.
function render({ model, el: host }) {
  const id = uid();
  const choices = model.get("choices");
  const label = el("span", { class: "conn-label", id }, model.get("label"));
  const buttons = choices.map(([value, words]) =>
    el("button", { type: "button", role: "radio", "data-id": value, onclick: () => set(model, "value", value) }, words),
  );
  const group = el("div", { class: "conn-seg", role: "radiogroup", "aria-labelledby": id }, ...buttons);
  host.append(el("div", { class: "conn-field" }, label, group));
  group.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const at = buttons.indexOf(document.activeElement);
    if (!step || at < 0) return;
    event.preventDefault();
    const next = buttons[(at + step + buttons.length) % buttons.length];
    set(model, "value", next.dataset.id);
    next.focus();
  });
  follow(model, ["value"], () => {
    const value = model.get("value");
    const known = choices.some(([each]) => each === value);
    buttons.forEach((button, i) => {
      const checked = button.dataset.id === value;
      button.setAttribute("aria-checked", String(checked));
      button.tabIndex = checked || (!known && i === 0) ? 0 : -1;
    });
  });
  follow(model, ["help", "error"], () => putBelow(group, lineBelow(model, id)));
}
export default { render };
