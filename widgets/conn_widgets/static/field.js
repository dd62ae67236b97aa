// One labelled input: text, code or a choice. What was typed stays when it is refused.
function render({ model, el: host }) {
  const id = uid();
  const kind = model.get("kind");
  const input =
    kind === "choice"
      ? el("select", { id }, ...model.get("choices").map(([value, words]) => el("option", { value }, words)))
      : el("input", { id, type: "text", autocomplete: "off", spellcheck: kind === "code" ? "false" : false });
  const box = el("div", { class: kind === "code" ? "conn-input conn-input--code" : "conn-input" }, input);
  const label = el("label", { class: "conn-label", for: id }, model.get("label"));
  host.append(el("div", { class: "conn-field" }, label, box));

  input.addEventListener("input", () => set(model, "value", input.value));
  follow(model, ["value"], () => {
    if (input.value !== model.get("value")) input.value = model.get("value");
  });
  follow(model, ["placeholder"], () => {
    if (kind !== "choice") input.placeholder = model.get("placeholder");
  });
  follow(model, ["help", "error"], () => {
    const error = model.get("error");
    const help = model.get("help");
    const below = error
      ? errorLine(`${id}-error`, error)
      : help
        ? el("p", { class: "conn-help", id: `${id}-help` }, ...marked(help))
        : null;
    putBelow(box, below);
    box.classList.toggle("conn-invalid", Boolean(error));
    input.setAttribute("aria-invalid", String(Boolean(error)));
    if (below) input.setAttribute("aria-describedby", below.id);
    else input.removeAttribute("aria-describedby");
  });
}
export default { render };
