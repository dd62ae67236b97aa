// Pieces of the Connections screen that know nothing of its rows.
/** Before there is any: what it is for, three steps, one action. */
function firstUse(elsewhere, create, chooseGroup) {
  const steps = [
    ["1. Pick a service", el("span", { class: "conn-small" }, "GitHub, Google Sheets, your company’s own API.")],
    ["2. Authorize once", el("span", { class: "conn-small" }, "You sign in at the service, in your browser.")],
    ["3. Name it in a cell", el("code", { class: "conn-code" }, "%%connection github")],
  ];
  const others =
    elsewhere > 0
      ? el("button", { type: "button", class: "conn-btn", onclick: () => chooseGroup("organisation") }, `See the organisation’s ${elsewhere}`)
      : "";
  return el(
    "div",
    { class: "conn-empty" },
    icon("node", "conn-icon--l conn-icon--quiet"),
    el(
      "div",
      { class: "conn-stack conn-stack--tight" },
      el("h3", { class: "conn-heading" }, "Use a service without handling its secret"),
      el("p", { class: "conn-muted" }, "Set up a connection once. Every notebook, function and job can then use it by name."),
    ),
    el("ol", { class: "conn-steps" }, ...steps.map(([title, text]) => el("li", { class: "conn-step" }, el("span", { class: "conn-strong" }, title), text))),
    el("div", { class: "conn-inline" }, el("button", { type: "button", class: "conn-btn conn-primary", onclick: create }, "+ New connection"), others),
  );
}

function nothing(group) {
  const words = {
    organisation: "Nobody here has shared a connection yet.",
    internal: "No built-in task has made a connection yet.",
    all: "Nobody here has made a connection yet.",
  }[group];
  return el("p", { class: "conn-body conn-muted" }, words);
}

const NOTES = {
  internal: "Built-in tasks in functions, buttons and jobs make these. They cannot be edited or deleted; you can revoke and enable them.",
  all: "As an administrator you see that each is there, and can revoke, seal, give away and delete it. You use only what its owner shares with you.",
};

/** What there is to know of a group before its rows. */
function groupNote(group) {
  const words = NOTES[group];
  if (!words) return "";
  return el("div", { class: "conn-body" }, el("div", { class: "conn-note conn-info" }, icon("info"), el("div", {}, words)));
}

/** Which notebook is asked about; `check` gets it, and the day until which it has to work. */
function jobForm({ notebook, until, known }, check) {
  const ids = { notebook: uid(), until: uid(), known: uid() };
  const name = el("input", { id: ids.notebook, type: "text", list: ids.known, autocomplete: "off", spellcheck: "false", placeholder: "report.ipynb" });
  const day = el("input", { id: ids.until, type: "date" });
  name.value = notebook;
  day.value = until;
  const box = el("div", { class: "conn-input conn-input--code" }, name);
  const help = el("p", { class: "conn-help", id: `${ids.notebook}-help` }, "Its cells are read, not run.");
  name.setAttribute("aria-describedby", help.id);
  const field = (label, id, ...inside) => el("div", { class: "conn-field" }, el("label", { class: "conn-label", for: id }, ...label), ...inside);
  const submit = () => {
    const isEmpty = !name.value.trim();
    box.classList.toggle("conn-invalid", isEmpty);
    name.setAttribute("aria-invalid", String(isEmpty));
    putBelow(box, isEmpty ? errorLine(`${ids.notebook}-error`, "Is needed.") : help);
    name.setAttribute("aria-describedby", isEmpty ? `${ids.notebook}-error` : help.id);
    if (isEmpty) name.focus();
    else check(name.value, day.value);
  };
  for (const input of [name, day]) {
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // it would press the button in the head
      submit();
    });
  }
  return el(
    "div",
    { class: "conn-body conn-stack" },
    el(
      "div",
      { class: "conn-stack conn-stack--tight" },
      el("h3", { class: "conn-heading" }, "Can a notebook run by itself?"),
      el("p", { class: "conn-muted" }, "Which connections it uses, as whom they run, and until when they work without you; then it can be scheduled."),
    ),
    field(["Notebook"], ids.notebook, box, help),
    el("datalist", { id: ids.known }, ...known.map((value) => el("option", { value }))),
    field(["It has to work until", el("span", { class: "conn-muted" }, " optional")], ids.until, el("div", { class: "conn-input conn-input--date" }, day)),
    el("div", { class: "conn-inline" }, el("button", { type: "button", class: "conn-btn conn-submit", onclick: submit }, "Check")),
  );
}
