// Waiting, with the time that is left; the count-down needs no kernel.
function initialize({ model }) {
  // Kept on the model of this page only, so that a second view shows the same time.
  model.set("deadline", Date.now() + 1000 * model.get("seconds"));
}

function render({ model, el: host }) {
  const total = Math.max(1, model.get("seconds"));
  const words = el("span", { class: "conn-grow" });
  const time = el("span", { class: "conn-time" });
  const left = el("span", { class: "conn-muted", "aria-hidden": "true" }, time, " left");
  const spoken = el("span", { class: "conn-sr", role: "status" });
  const filled = el("i");
  const bar = el("div", { class: "conn-bar conn-bar--time", role: "progressbar", "aria-label": "Time left" }, filled);
  host.append(
    el(
      "div",
      { class: "conn-stack conn-stack--tight" },
      el("div", { class: "conn-wait" }, el("span", { class: "conn-spinner" }), words, left, spoken),
      bar,
    ),
  );
  let minute = null;
  const tick = () => {
    const seconds = Math.max(0, Math.round((model.get("deadline") - Date.now()) / 1000));
    const share = Math.round((100 * seconds) / total);
    time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    filled.style.width = `${share}%`;
    bar.setAttribute("aria-valuenow", String(share));
    if (Math.ceil(seconds / 60) !== minute) {
      minute = Math.ceil(seconds / 60);
      spoken.textContent = `${model.get("words")}, ${minute} ${minute === 1 ? "minute" : "minutes"} left`;
    }
  };
  follow(model, ["words", "trouble"], () => {
    words.textContent = model.get("trouble") || model.get("words");
  });
  tick();
  const timer = setInterval(tick, 1000);
  return () => clearInterval(timer);
}
export default { initialize, render };
