// The scopes of a service, one in a row: what the provider calls it, what people read.
function render({ model, el: host }) {
  const id = uid();
  const list = el("div", { class: "conn-stack conn-stack--tight" });
  const add = el("button", { type: "button", class: "conn-btn conn-btn--s", onclick: () => more() }, "+ Add scope");
  const said = el("p", { class: "conn-sr", role: "status" });
  host.append(el("div", { class: "conn-stack conn-stack--tight", role: "group", "aria-label": "Scopes" }, list, el("div", {}, add), said));
  let drawn = null;

  const rows = () => model.get("value");
  const change = (index, member, value) => {
    drawn = rows().map((row, i) => (i === index ? { ...row, [member]: value } : row));
    set(model, "value", drawn);
  };
  const more = () => {
    set(model, "value", [...rows(), { name: "", display_name: "", read_only: false }]);
    list.lastElementChild.querySelector("input").focus();
  };
  const remove = (index) => {
    set(model, "value", rows().filter((_, i) => i !== index));
    said.textContent = "Scope removed";
    const near = list.children[Math.min(index, list.children.length - 1)];
    (near?.querySelector("[data-remove]") ?? add).focus();
  };

  function row(scope, index) {
    const text = (member, words, kind) => {
      const input = el("input", {
        type: "text",
        autocomplete: "off",
        spellcheck: "false",
        placeholder: words,
        "aria-label": `${words} of scope ${index + 1}`,
        "data-member": member,
        oninput: () => change(index, member, input.value),
      });
      input.value = scope[member];
      return el("div", { class: `conn-input${kind}` }, input);
    };
    const box = el("input", { type: "checkbox", onchange: () => change(index, "read_only", box.checked) });
    box.checked = scope.read_only;
    return el(
      "div",
      { class: "conn-scope-entry" },
      el(
        "div",
        { class: "conn-scope-row" },
        text("name", "Scope name", " conn-input--code"),
        text("display_name", "Display name", ""),
        el("label", { class: "conn-check conn-small" }, box, "read-only"),
        el(
          "button",
          { type: "button", class: "conn-btn conn-btn--icon", "data-remove": true, "aria-label": `Remove scope ${scope.name || index + 1}`, onclick: () => remove(index) },
          "×",
        ),
      ),
    );
  }

  follow(model, ["value"], () => {
    if (drawn === rows()) return; // typed here: redrawing would take the focus
    drawn = rows();
    list.replaceChildren(...drawn.map(row));
  });
  follow(model, ["errors", "value"], () => {
    const errors = model.get("errors");
    [...list.children].forEach((entry, index) => {
      const line = errorLine(`${id}-${index}`, errors[index] ?? "");
      putBelow(entry.firstElementChild, line);
      const member = errors[index] ? entry.querySelector('[data-member="name"]') : null;
      for (const input of entry.querySelectorAll("[data-member]")) {
        input.parentElement.classList.toggle("conn-invalid", input === member);
        input.setAttribute("aria-invalid", String(input === member));
        if (input === member) input.setAttribute("aria-describedby", line.id);
        else input.removeAttribute("aria-describedby");
      }
    });
  });
}
export default { render };
