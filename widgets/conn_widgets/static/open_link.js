// A real link to click: a tab that a script opens is blocked where a click is not.
function render({ model, el: host }) {
  const link = el("a", { class: "conn-btn conn-primary conn-open", target: "_blank", rel: "noopener" });
  const row = el("div", { class: "conn-inline" }, link, el("span", { class: "conn-muted" }, "opens in a new browser tab"));
  host.append(row);
  follow(model, ["href", "label"], () => {
    const href = model.get("href");
    if (/^https?:\/\//.test(href)) link.setAttribute("href", href);
    else link.removeAttribute("href");
    const drawn = icon("open");
    drawn.style.color = "inherit";
    link.replaceChildren(`${model.get("label")} `, drawn);
  });
}
export default { render };
