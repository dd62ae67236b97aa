// Starts a function and stops it again; says what became of it, also without a kernel.
const TWICE_MS = 400; // a double click must not start a run and stop it

function clock(seconds) {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

function took(seconds) {
  return seconds < 1 ? "less than 1 s" : clock(seconds);
}

/** Say when something was: today 09:14, else 14 Nov 09:14. */
function when(epoch) {
  const at = new Date(1000 * epoch);
  const time = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (at.toDateString() === new Date().toDateString()) return `today ${time}`;
  return `${at.toLocaleDateString("en-GB", { day: "numeric", month: "short" })} ${time}`;
}

const ENDS = {
  done: ["ok", "check", "Finished in"],
  failed: ["bad", "stop", "Failed after"],
  stopped: ["muted", "minus", "Stopped after"],
};

function endLine(model) {
  const [tone, shape, words] = ENDS[model.get("outcome")];
  const text = `${words} ${took(model.get("seconds"))}, ${when(model.get("ended_at"))}`;
  return el("div", { class: `conn-wait conn-${tone}` }, icon(shape), el("span", { class: "conn-grow" }, text));
}

function errorNote(model) {
  const error = model.get("error");
  return error ? el("div", { class: "conn-note conn-bad" }, icon("warn"), el("div", {}, error)) : null;
}

async function render({ model, el: host }) {
  const library = await model.widget_manager.get_model(model.get("library").slice(10));
  const alive = () => library.comm_live !== false;
  const button = el("button", { type: "button", class: "conn-btn" });
  const status = el("div", { class: "conn-stack conn-stack--tight", role: "status" });
  host.append(el("div", { class: "conn-stack" }, el("div", { class: "conn-inline" }, button), status));

  let pressed = 0;
  button.addEventListener("click", () => {
    const ready = model.get("state") === "ready";
    if (!ready && Date.now() - pressed < TWICE_MS) return;
    pressed = Date.now();
    model.send({ do: ready ? "run" : "stop" });
  });

  let timer = null;
  const running = () => {
    const time = el("span", { class: "conn-time", "aria-hidden": "true" });
    const tick = () => {
      time.textContent = clock(Math.max(0, Date.now() / 1000 - model.get("began_at")));
    };
    tick();
    timer = setInterval(tick, 1000);
    const words = model.get("state") === "stopping" ? "Stopping" : "Running";
    const line = el("div", { class: "conn-wait" }, el("span", { class: "conn-spinner" }), el("span", { class: "conn-grow" }, words), time);
    const why = model.get("state") === "stopping" ? el("p", { class: "conn-help" }, model.get("stop_help")) : null;
    return [line, why];
  };
  const dead = () =>
    el("div", { class: "conn-wait conn-muted" }, icon("info"), el("span", { class: "conn-grow" }, "Run the cell to use this button"));

  const show = () => {
    clearInterval(timer);
    const ready = model.get("state") === "ready";
    const live = alive();
    button.textContent = ready || !live ? model.get("label") : "Stop";
    button.classList.toggle("conn-primary", ready || !live);
    button.classList.toggle("conn-cancel", !ready && live);
    button.disabled = !live;
    // Not disabled while it stops: it would lose the focus. A second Stop does nothing.
    button.setAttribute("aria-disabled", String(model.get("state") === "stopping"));
    const last = ready && model.get("outcome") ? [endLine(model), errorNote(model)] : [];
    const lines = live ? (ready ? last : running()) : [dead(), ...last];
    status.replaceChildren(...lines.filter(Boolean));
  };
  follow(model, ["state", "label", "outcome", "ended_at", "error"], show);
  library.on("comm_live_update", show);
  return () => {
    clearInterval(timer);
    library.off("comm_live_update", show);
  };
}
export default { render };
