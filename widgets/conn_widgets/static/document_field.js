// A document to paste or to pick from disk. It stays in this input and leaves as a
// message: what somebody exported elsewhere may hold secrets, so it is no trait.
const MOST = 2_000_000;

function render({ model, el: host }) {
  const id = uid();
  const area = el("textarea", { id, rows: 6, spellcheck: "false", autocomplete: "off", placeholder: model.get("placeholder") });
  const box = el("div", { class: "conn-input conn-input--code" }, area);
  const picker = el("input", { type: "file", accept: ".toml,.json,.yaml,.yml", hidden: true, tabindex: -1, "aria-hidden": "true" });
  const choose = el("button", { type: "button", class: "conn-btn conn-btn--s", onclick: () => picker.click() }, "Choose a file");
  const label = el("label", { class: "conn-label", for: id }, model.get("label"));
  host.append(el("div", { class: "conn-field" }, label, el("div", { class: "conn-stack conn-stack--tight" }, el("div", { class: "conn-field" }, box), el("div", { class: "conn-inline" }, choose, picker))));

  const tellFilled = () => {
    const filled = area.value.trim() !== "";
    if (filled !== model.get("filled")) set(model, "filled", filled);
  };
  area.addEventListener("input", tellFilled);
  picker.addEventListener("change", async () => {
    const file = picker.files[0];
    picker.value = "";
    if (!file) return;
    if (file.size > MOST) {
      set(model, "error", "This file is too large to describe a service.");
      return;
    }
    area.value = await file.text();
    set(model, "error", "");
    tellFilled();
  });
  follow(model, ["help", "error"], () => {
    describe(area, model, id, box);
  });
  model.on("msg:custom", (message) => {
    if (message.do === "hand over") model.send({ do: "document", text: area.value });
  });
  return () => {
    area.value = "";
  };
}
export default { render };
