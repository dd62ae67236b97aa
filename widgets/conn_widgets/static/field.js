// One labelled input: text, code, a number, a date or a choice. What was typed stays
// when it is refused.
const TYPES = { date: "date", datetime: "datetime-local" };

function render({ model, el: host }) {
  const id = uid();
  const kind = model.get("kind");
  const input =
    kind === "choice"
      ? el("select", { id }, ...model.get("choices").map(([value, words]) => el("option", { value }, words)))
      : el("input", {
          id,
          type: TYPES[kind] ?? "text",
          step: kind === "datetime" ? "any" : false,
          inputmode: kind === "number" ? "decimal" : false,
          autocomplete: "off",
          spellcheck: kind === "code" ? "false" : false,
        });
  const box = el("div", { class: kind === "code" ? "conn-input conn-input--code" : "conn-input" }, input);
  const note = model.get("note");
  const label = el("label", { class: "conn-label", for: id }, model.get("label"), note ? el("span", { class: "conn-muted" }, ` ${note}`) : "");
  host.append(el("div", { class: "conn-field" }, label, box));

  input.addEventListener("input", () => set(model, "value", input.value));
  follow(model, ["value"], () => {
    if (input.value !== model.get("value")) input.value = model.get("value");
  });
  follow(model, ["placeholder"], () => {
    if (kind !== "choice") input.placeholder = model.get("placeholder");
  });
  follow(model, ["help", "error"], () => describe(input, model, id, box));
}
export default { render };
