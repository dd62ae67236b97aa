// A secret is typed here, stays in this input, and leaves once: as a message, when the
// kernel asks for it. It is never a trait, so no notebook, second view or log holds it.
function render({ model, el: host }) {
  const id = uid();
  const kind = model.get("kind");
  const attributes = {
    id,
    autocomplete: "off",
    spellcheck: "false",
    "data-1p-ignore": "true",
    "data-lpignore": "true",
  };
  const input =
    kind === "lines"
      ? el("textarea", { ...attributes, rows: 3, class: "conn-unseen" })
      : el("input", { ...attributes, type: kind === "address" ? "text" : "password" });
  const box = el("div", { class: "conn-input conn-input--code" }, input);
  const label = el("label", { class: "conn-label", for: id }, model.get("label"));
  host.append(el("div", { class: "conn-field" }, label, box));

  const tellFilled = () => {
    const filled = input.value !== "";
    if (filled !== model.get("filled")) set(model, "filled", filled);
  };
  input.addEventListener("input", tellFilled);
  follow(model, ["placeholder"], () => {
    input.placeholder = model.get("placeholder");
  });
  follow(model, ["help", "error"], () => describe(input, model, id, box));
  model.on("msg:custom", (message) => {
    if (message.do !== "hand over" || input.value === "") return;
    const secret = input.value;
    // An address that is refused is mended, not typed again.
    if (kind !== "address") input.value = "";
    model.send({ do: "secret", secret });
    tellFilled();
  });
  return () => {
    // The view goes, and with it what was typed.
    if (input.value === "") return;
    input.value = "";
    tellFilled();
  };
}
export default { render };
