// A text and a button that copies it; as a code block, a single line, or the button alone.
function saveButton(getText, filename) {
  const save = () => {
    const url = URL.createObjectURL(new Blob([getText()], { type: "text/plain" }));
    el("a", { href: url, download: filename }).click();
    URL.revokeObjectURL(url);
  };
  return el("button", { type: "button", class: "conn-btn", onclick: save }, "Save as a file");
}

function render({ model, el: host }) {
  const kind = model.get("kind");
  const text = () => model.get("text");
  const filename = model.get("filename");
  const button = copyButton(text, { label: kind === "button" ? model.get("label") : "Copy", what: model.get("what") });
  if (kind === "button") {
    host.append(el("div", { class: "conn-inline" }, button, filename ? saveButton(text, filename) : ""));
    return;
  }
  const shown = kind === "block" ? el("div", {}) : el("code", { tabindex: 0 });
  follow(model, ["text"], () => shown.replaceChildren(kind === "block" ? snippet(text()) : text()));
  const label = model.get("label");
  const note = model.get("note");
  host.append(
    el(
      "div",
      { class: "conn-field" },
      label ? el("span", { class: "conn-label" }, label, note ? el("span", { class: "conn-muted" }, ` ${note}`) : "") : "",
      kind === "block" ? shown : el("div", { class: "conn-copy" }, shown, button),
    ),
  );
}
export default { render };
