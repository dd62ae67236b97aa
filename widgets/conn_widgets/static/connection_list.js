// The Connections screen. The kernel finds, words and acts; rows come 25 at a time.
const WAIT_MS = 150;
const GROUPS = [["my", "My"], ["organisation", "Organisation"], ["internal", "Internal"], ["all", "All"]];
const JOBS = ["jobs", "Jobs"];
const STATUSES = [
  ["", "Any status"],
  ["connected", "Connected"],
  ["needs authorization", "Needs authorization"],
  ["revoked", "Revoked"],
  ["suspended", "Suspended"],
  ["failed", "Failed"],
];
const WORDS = {
  accept: "Accept",
  authorize: "Authorize",
  enable: "Enable",
  code: "Code",
  test: "Test",
  edit: "Edit",
  share: "Share",
  revoke: "Revoke",
  seal: "Seal",
  transfer: "Give away",
  delete: "Delete",
};

// What is done in the row, and said until it is done.
const MEANWHILE = { test: "Testing", enable: "Enabling", seal: "Sealing" };

function render({ model, el: host }) {
  let asked = { group: "my", query: "", service: "", status: "" };
  let number = 0;
  let next = null;
  let timer;
  const open = new Set();
  const rows = new Map();

  const create = () => model.send({ do: "new" });
  const newButton = el("button", { type: "button", class: "conn-btn conn-primary", onclick: create }, "+ New connection");
  const head = el("div", { class: "conn-head" }, el("div", { class: "conn-grow conn-titles" }, el("h2", { class: "conn-title" }, "Connections")));
  const ailing = el("span", { class: "conn-pill conn-soon", role: "status" });
  const tabs = el("div", {});
  const search = searchBox("Search connections", "", () => {
    clearTimeout(timer);
    timer = setTimeout(() => change("query", input.value), WAIT_MS);
  });
  const input = search.querySelector("input");
  const service = el("select", { "aria-label": "Service", onchange: () => change("service", service.value) });
  const status = el(
    "select",
    { "aria-label": "Status", onchange: () => change("status", status.value) },
    ...STATUSES.map(([value, words]) => el("option", { value }, words)),
  );
  const toolbar = el("div", { class: "conn-toolbar" }, search, el("div", { class: "conn-input" }, service), el("div", { class: "conn-input" }, status));
  const listHead = el(
    "div",
    { class: "conn-list-head", "aria-hidden": "true" },
    el("span", {}, "Name"),
    el("span", { class: "conn-row-status" }, "Status"),
    ...["Whose credentials", "Last used", "Scopes", ""].map((words) => el("span", {}, words)),
  );
  const list = el("ul", { class: "conn-list" });
  const middle = el("div", {});
  const count = el("span", { class: "conn-small conn-grow", "aria-live": "polite" });
  const more = el("button", { type: "button", class: "conn-btn conn-btn--s", onclick: () => ask(next) });
  const foot = el("div", { class: "conn-foot" }, count, more);
  const waiting = el("p", { class: "conn-body conn-muted" }, "The connections are shown once a kernel runs. Run the cell again.");
  toolbar.hidden = true;
  foot.hidden = true;
  host.append(head, tabs, toolbar, middle, foot);
  middle.append(waiting);

  function ask(cursor = null) {
    number += 1;
    model.send({ do: "list", number, cursor, ...asked });
  }
  function change(name, value) {
    asked[name] = value;
    ask();
  }
  function chooseGroup(group) {
    asked = { group, query: "", service: "", status: "" };
    ask();
  }

  function draw(answer) {
    asked = answer.asked;
    const focusedTab = tabs.contains(document.activeElement);
    const groups = GROUPS.filter(([id]) => id in answer.counts).map(([id, words]) => [id, words, answer.counts[id]]);
    tabs.replaceChildren(tabList("Group", [...groups, JOBS], asked.group, chooseGroup));
    if (focusedTab) tabs.querySelector('[aria-selected="true"]').focus();
    if (document.activeElement !== input) input.value = asked.query;
    service.replaceChildren(el("option", { value: "" }, "All services"), ...answer.services.map(([id, name]) => el("option", { value: id }, name)));
    service.value = asked.service;
    status.value = asked.status;
    drawAiling(answer.ailing);
    const first = answer.empty && asked.group === "my";
    if (first) newButton.remove();
    else if (!newButton.isConnected) head.append(newButton); // moved, it would lose the focus
    toolbar.hidden = answer.empty || ["internal", "jobs"].includes(asked.group);
    foot.hidden = answer.empty || !answer.next;
    if (answer.jobs) middle.replaceChildren(doneLine(answer), jobForm(answer.jobs, check));
    else if (answer.empty) middle.replaceChildren(doneLine(answer), first ? firstUse(answer.counts.organisation, create, chooseGroup) : nothing(asked.group));
    else drawRows(answer);
  }

  function check(notebook, until) {
    model.send({ do: "check", notebook, until });
  }

  /** How many of one's own ended, or end soon; spoken when that changes. */
  function drawAiling(many) {
    const words = many === 1 ? "1 needs attention" : `${many} need attention`;
    if (!many) ailing.remove();
    else if (!ailing.isConnected || ailing.textContent !== words) {
      ailing.replaceChildren(icon("warn"), words);
      head.firstElementChild.append(ailing);
    }
  }

  function drawRows(answer) {
    if (!answer.more) {
      rows.clear();
      list.replaceChildren();
    }
    const drawn = answer.rows.map(row);
    list.append(...drawn);
    next = answer.next;
    const shown = list.children.length;
    const noHits = shown === 0;
    const note = groupNote(asked.group);
    middle.replaceChildren(doneLine(answer), note, ...(noHits ? [noMatch()] : [listHead, list]));
    count.textContent = `${shown.toLocaleString("en")} of ${answer.total.toLocaleString("en")} connections`;
    more.textContent = `Show ${Math.min(25, answer.total - shown)} more`;
    if (answer.more) drawn[0]?.querySelector("button")?.focus();
    if (answer.focus) focusRow(answer.focus);
  }

  /** What was done on another screen, such as a deletion. */
  function doneLine({ said: done }) {
    return done ? el("p", { class: `conn-done conn-${done.tone}`, role: "status" }, icon(done.icon), ` ${done.text}`) : "";
  }

  function row(data) {
    const item = el("li", { class: "conn-row", "data-name": data.key });
    rows.set(data.key, { item, data });
    fill(item, data);
    return item;
  }

  function fill(item, data) {
    const opened = open.has(data.key);
    item.classList.toggle("conn-row--open", opened);
    const act = (action) => () => perform(item, data, action);
    const button = (action, more = "") =>
      el("button", { type: "button", class: `conn-btn conn-btn--s${more}`, "data-action": action, onclick: act(action) }, WORDS[action]);
    const actions = data.buttons.map((action) => button(action, ["accept", "authorize"].includes(action) ? " conn-btn--do" : ""));
    if (data.more.length) {
      actions.push(
        el(
          "button",
          {
            type: "button",
            class: "conn-btn conn-btn--icon",
            "data-action": "more",
            "aria-label": `More actions for ${data.name}`,
            "aria-expanded": String(opened),
            onclick: () => {
              if (opened) open.delete(data.key);
              else open.add(data.key);
              fill(item, data);
              item.querySelector('[data-action="more"]').focus();
            },
          },
          "⋯",
        ),
      );
    }
    const { tone, icon: shape, label } = data.pill;
    item.replaceChildren(
      monogram(data.monogram, data.hue),
      el(
        "div",
        { class: "conn-row-main" },
        el(
          "div",
          { class: "conn-row-name" },
          el("button", { type: "button", class: "conn-link conn-name", "data-action": "details", onclick: act("details") }, data.name),
          code(data.link_name),
        ),
        el(
          "div",
          { class: "conn-row-meta" },
          el("span", {}, data.whose),
          el("span", {}, data.used),
          el("span", { class: "conn-row-scopes", title: data.scopes }, data.scopes),
        ),
      ),
      el("div", { class: "conn-row-status" }, el("span", { class: `conn-pill conn-${tone}` }, icon(shape), label)),
      el("div", { class: "conn-row-actions" }, ...actions),
    );
    if (opened && data.more.length) {
      item.append(el("div", { class: "conn-row-more" }, ...data.more.map((action) => button(action, action === "delete" ? " conn-btn--warn" : ""))));
    }
    if (data.why) item.append(el("p", { class: "conn-row-why" }, data.why));
    if (data.said) item.append(said(data.said));
    if (data.code && data.showsCode) item.append(codeBlock(data));
  }

  function said({ tone, icon: shape, text }) {
    return el("p", { class: `conn-row-why conn-${tone}`, role: "status" }, icon(shape), ` ${text}`);
  }

  function codeBlock(data) {
    return el(
      "div",
      { class: "conn-row-code" },
      snippet(data.code),
      copyButton(() => data.code, { what: "code", small: true }),
    );
  }

  function perform(item, data, action) {
    if (action === "code" && data.code) {
      data.showsCode = !data.showsCode;
      fill(item, data);
      item.querySelector('[data-action="code"]').focus();
      return;
    }
    if (action in MEANWHILE) {
      data.said = { tone: "", icon: "clock", text: MEANWHILE[action] };
      fill(item, data);
      item.querySelector(`[data-action="${action}"]`).focus();
    }
    model.send({ do: "act", action, name: data.key });
  }

  function focusRow(name) {
    const found = rows.get(name)?.item;
    (found?.querySelector('[data-action="more"]') ?? found?.querySelector(".conn-row-actions button"))?.focus();
  }

  function noMatch() {
    const filters = [
      asked.query ? `“${asked.query}”` : "",
      service.selectedOptions[0]?.value ? service.selectedOptions[0].textContent : "",
      status.value ? status.selectedOptions[0].textContent.toLowerCase() : "",
    ].filter(Boolean);
    return el(
      "div",
      { class: "conn-body conn-stack conn-stack--tight", role: "status" },
      el("p", { class: "conn-strong" }, `No connection matches ${filters.join(", ")}.`),
      el("div", { class: "conn-inline" }, el("button", { type: "button", class: "conn-btn conn-btn--s", onclick: () => chooseGroup(asked.group) }, "Show all")),
    );
  }

  function trouble(message) {
    middle.replaceChildren(
      el(
        "div",
        { class: "conn-body conn-stack" },
        el("div", { class: "conn-note conn-bad", role: "alert" }, icon("stop"), el("div", {}, el("span", { class: "conn-strong" }, message.said), ` ${message.then}`)),
        el("div", { class: "conn-inline" }, el("button", { type: "button", class: "conn-btn", onclick: () => ask() }, "Try again")),
      ),
    );
  }

  model.on("msg:custom", (message) => {
    if (message.do === "rows" && (message.number === number || message.number === null)) draw(message);
    if (message.do === "trouble") trouble(message);
    if (message.do === "row" && rows.has(message.row.key)) {
      const { item } = rows.get(message.row.key);
      const focused = item.contains(document.activeElement) ? document.activeElement.dataset.action : null;
      rows.set(message.row.key, { item, data: message.row });
      fill(item, message.row);
      if (focused) (item.querySelector(`[data-action="${focused}"]`) ?? item.querySelector(".conn-row-actions button")).focus();
    }
  });
  model.send({ do: "ready" });
  return () => clearTimeout(timer);
}
export default { render };
