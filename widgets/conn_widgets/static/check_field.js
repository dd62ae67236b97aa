// A box to tick, with one sentence that says what it does.
function render({ model, el: host }) {
  const id = uid();
  const input = el("input", { type: "checkbox", "aria-labelledby": id, "aria-describedby": `${id}-help` });
  const help = el("span", { class: "conn-help", id: `${id}-help` }, model.get("help"));
  const label = el("span", { class: "conn-strong", id }, model.get("label"));
  host.append(
    el("label", { class: "conn-check" }, input, el("span", {}, label, el("br"), help)),
  );
  input.addEventListener("change", () => set(model, "value", input.checked));
  follow(model, ["value"], () => {
    input.checked = model.get("value");
  });
}
export default { render };
