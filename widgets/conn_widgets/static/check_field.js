// A box to tick, with one sentence that says what it does.
function render({ model, el: host }) {
  const input = el("input", { type: "checkbox" });
  const help = el("span", { class: "conn-help" }, model.get("help"));
  const label = el("span", { class: "conn-strong" }, model.get("label"));
  host.append(
    el("label", { class: "conn-check" }, input, el("span", {}, label, el("br"), help)),
  );
  input.addEventListener("change", () => set(model, "value", input.checked));
  follow(model, ["value"], () => {
    input.checked = model.get("value");
  });
}
export default { render };
