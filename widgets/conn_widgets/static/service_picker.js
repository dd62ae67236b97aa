// Search, categories and cards in one. The kernel searches; 24 cards at a time come here.
const WAIT_MS = 150;
const CATEGORIES_SHOWN = 6;
const WORDS = { edit: "Edit", export: "Export", delete: "Delete" };

function render({ model, el: host }) {
  const asked = { query: "", kind: model.get("kind"), category: null };
  let number = 0;
  let kinds = null;
  let allCategories = false;
  let next = null;
  let timer;

  const tabs = el("div", {});
  const search = searchBox("Search services", "", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      asked.query = input.value;
      ask();
    }, WAIT_MS);
  });
  const input = search.querySelector("input");
  const chips = el("div", {});
  const said = el("p", { "aria-live": "polite", hidden: true });
  const cards = el("div", { class: "conn-cards" });
  const count = el("span", { class: "conn-small conn-grow", "aria-live": "polite" });
  const more = el("button", { type: "button", class: "conn-btn conn-btn--s", hidden: true, onclick: () => ask(next) }, "Show more");
  const foot = el("div", { class: "conn-foot", hidden: true }, count, more);
  host.append(tabs, el("div", { class: "conn-body conn-stack" }, search, chips, said, cards), foot);

  function ask(cursor = null) {
    number += 1;
    model.send({ do: "search", number, cursor, ...asked });
  }

  function drawTabs() {
    const chosen = (kind) => {
      asked.kind = kind;
      asked.category = null;
      drawTabs();
      tabs.querySelector('[aria-selected="true"]').focus();
      ask();
    };
    tabs.replaceChildren(
      tabList(
        "Kind of service",
        [["predefined", "Predefined service", kinds.predefined], ["custom", "Custom services", kinds.custom]],
        asked.kind,
        chosen,
      ),
    );
    const words = `Search ${kinds[asked.kind].toLocaleString("en")} services`;
    input.placeholder = words;
    input.setAttribute("aria-label", words);
    drawChips();
  }

  function drawChips() {
    const categories = asked.kind === "predefined" ? kinds.categories : [];
    const shown = allCategories ? categories : categories.slice(0, CATEGORIES_SHOWN);
    const choices = [[null, "All"], ...shown.map((name) => [name, name])];
    if (shown.length < categories.length) choices.push(["…", "More…"]);
    const choose = (category) => {
      if (category === "…") allCategories = true;
      else asked.category = category;
      drawChips();
      chips.querySelector('[aria-pressed="true"]')?.focus();
      if (category !== "…") ask();
    };
    chips.hidden = categories.length < 2;
    chips.replaceChildren(segments("Category", choices, asked.category, choose));
  }

  function card(service) {
    const note =
      service.connected > 0
        ? el("span", { class: "conn-card-note conn-ok" }, icon("check"), `already connected (${service.connected})`)
        : service.registered
          ? ""
          : el("span", { class: "conn-card-note" }, icon("key"), "needs registration");
    const picked = el(
      "button",
      { type: "button", class: "conn-card", "data-id": service.id, onclick: () => model.send({ do: "pick", id: service.id }) },
      monogram(service.monogram, service.hue),
      el(
        "span",
        { class: "conn-card-text" },
        el("span", { class: "conn-strong" }, service.name),
        service.about ? el("span", { class: "conn-card-about" }, service.about) : "",
        note,
      ),
    );
    if (service.actions.length === 0) return picked;
    const act = (action) =>
      el(
        "button",
        {
          type: "button",
          class: `conn-btn conn-btn--s${action === "delete" ? " conn-btn--warn" : ""}`,
          "aria-label": `${WORDS[action]} ${service.name}`,
          onclick: () => model.send({ do: "act", action, id: service.id }),
        },
        WORDS[action],
      );
    return el("div", { class: "conn-card-own" }, picked, el("div", { class: "conn-card-actions" }, ...service.actions.map(act)));
  }

  const all = () => [...cards.querySelectorAll(".conn-card")];

  function show(answer) {
    const before = cards.children.length;
    const drawn = answer.cards.map(card);
    if (answer.more) cards.append(...drawn);
    else cards.replaceChildren(...drawn);
    said.hidden = !answer.said;
    said.replaceChildren(el("span", { class: "conn-strong" }, answer.said ?? ""), ` ${answer.then ?? ""}`);
    next = answer.next;
    more.hidden = !next;
    foot.hidden = answer.total === 0;
    count.textContent = `Showing ${cards.children.length} of ${answer.total.toLocaleString("en")}`;
    if (answer.more) all()[before]?.focus();
  }

  model.on("msg:custom", (message) => {
    if (message.do === "kinds") {
      kinds = message;
      drawTabs();
    }
    if (message.do === "cards" && message.number === number) show(message);
    if (message.do === "trouble") {
      said.hidden = false;
      said.replaceChildren(el("span", { class: "conn-strong" }, message.said), ` ${message.then}`);
    }
  });

  input.addEventListener("keydown", (event) => {
    const first = all()[0];
    if (!first || !["ArrowDown", "Enter"].includes(event.key)) return;
    event.preventDefault();
    if (event.key === "ArrowDown") first.focus();
    else if (input.value === asked.query) first.click();
  });
  cards.addEventListener("keydown", (event) => {
    const shown = all();
    const at = shown.indexOf(document.activeElement);
    if (at < 0) return;
    const across = shown.filter((node) => node.offsetTop === shown[0].offsetTop).length;
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + across, ArrowUp: at - across, Home: 0, End: shown.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to < 0) input.focus();
    else shown[Math.min(to, shown.length - 1)].focus();
  });

  model.send({ do: "kinds" });
  ask();
  return () => clearTimeout(timer);
}
export default { render };
