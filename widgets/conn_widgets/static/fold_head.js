// The head of a fold. What it shows and hides stands below it, in the kernel's hands.
function render({ model, el: host }) {
  const head = el(
    "button",
    { type: "button", class: "conn-fold-head", onclick: () => set(model, "is_open", !model.get("is_open")) },
    icon("chevron"),
    model.get("label"),
  );
  host.append(head);
  follow(model, ["is_open"], () => head.setAttribute("aria-expanded", String(model.get("is_open"))));
}
export default { render };
