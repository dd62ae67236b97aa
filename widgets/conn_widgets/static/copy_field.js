// A text and a button that copies it; as a code block, a single line, or the button alone.
function render({ model, el: host }) {
  const kind = model.get("kind");
  const text = () => model.get("text");
  const button = copyButton(text, { label: kind === "button" ? model.get("label") : "Copy", what: model.get("what") });
  if (kind === "button") {
    host.append(button);
    return;
  }
  const shown = kind === "block" ? el("pre", { class: "conn-snippet" }) : el("code", { tabindex: 0 });
  follow(model, ["text"], () => {
    shown.replaceChildren(text());
  });
  const note = model.get("note");
  host.append(
    el(
      "div",
      { class: "conn-field" },
      el("span", { class: "conn-label" }, model.get("label"), note ? " " : "", note ? el("span", { class: "conn-muted" }, note) : ""),
      kind === "block" ? shown : el("div", { class: "conn-copy" }, shown, button),
    ),
  );
}
export default { render };
