// The head of a fold. What it shows and hides stands below it, in the kernel's hands.
function render({ model, el: host }) {
  const head = el(
    "button",
    { type: "button", class: "conn-fold-head", onclick: () => set(model, "open", !model.get("open")) },
    icon("chevron"),
    model.get("label"),
  );
  host.append(head);
  follow(model, ["open"], () => head.setAttribute("aria-expanded", String(model.get("open"))));
}
export default { render };
