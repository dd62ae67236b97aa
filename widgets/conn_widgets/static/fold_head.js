// The head of a fold, or ⋯. What it shows and hides stands below it, in the kernel's hands.
function render({ model, el: host }) {
  const onclick = () => set(model, "is_open", !model.get("is_open"));
  const label = model.get("label");
  const head =
    model.get("kind") === "more"
      ? el("button", { type: "button", class: "conn-btn conn-btn--icon", "aria-label": label, onclick }, "⋯")
      : el("button", { type: "button", class: "conn-fold-head", onclick }, icon("chevron"), label);
  host.append(head);
  follow(model, ["is_open"], () => head.setAttribute("aria-expanded", String(model.get("is_open"))));
}
export default { render };
