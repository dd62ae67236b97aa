"""P11 and P12: the picker's size and building, the panel's painting and keystrokes.

The peers are the obvious ways: a ``Dropdown`` with every service, and a page with every
row. Ours is measured with the real scripts in Chromium; the kernel's part, a page of
rows, is P13's. Run it with ``python benchmarks/widgets.py``.
"""

import json
import statistics
import sys
import time
from pathlib import Path

from _table import Row, print_table

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests" / "widgets" / "fakes")]

_SERVICES = 5_000
_CONNECTIONS = 10_000
_TIMES = 15
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
#: A page with one part, and a model that answers as the kernel did.
_PAGE = """
<style>body {{ margin: 0; width: 760px }} {css}</style>
<div class="conn-root"><div id="ours" class="conn-panel"></div></div><ul id="all"></ul>
<script type="module">
const {{ parts }} = await import(URL.createObjectURL(
  new Blob([{code}], {{ type: "text/javascript" }})));
const heard = [];
window.sent = [];
const model = {{
  get: () => "", set() {{}}, save_changes() {{}},
  on: (name, hear) => heard.push(hear),
  send: (message) => window.sent.push(message),
}};
parts.connection_list.render({{ model, el: document.getElementById("ours") }});
window.answer = (message) => heard.forEach((hear) => hear(message));
window.ready = true;
</script>
"""
#: Time until layout and style are done; the compositor is not ours.
_PAINT = """(message) => {
  const before = performance.now();
  window.answer({ ...message, number: null });
  document.body.getBoundingClientRect();
  document.querySelector("#ours").offsetHeight;
  return performance.now() - before;
}"""
#: A key goes down, and the rows that come for it are drawn.
_KEYSTROKE = """(message) => {
  const input = document.querySelector("#ours input[type=search]");
  const before = performance.now();
  input.value += "c";
  input.dispatchEvent(new Event("input", { bubbles: true }));
  window.answer({ ...message, number: null });
  document.querySelector("#ours").offsetHeight;
  return performance.now() - before;
}"""
#: The obvious way: every row in the page, and those that do not match are hidden.
_ALL_PAINT = """(rows) => {
  const list = document.getElementById("all");
  const before = performance.now();
  list.innerHTML = rows.map((r) => `<li class="conn-row"><span>${r.name}</span>
    <code>${r.link_name}</code><button>Code</button><button>More</button></li>`).join("");
  list.offsetHeight;
  return performance.now() - before;
}"""
_ALL_KEYSTROKE = """(text) => {
  const list = document.getElementById("all");
  const before = performance.now();
  for (const row of list.children) row.hidden = !row.textContent.includes(text);
  list.offsetHeight;
  return performance.now() - before;
}"""


def rows() -> list[Row]:
    """Measure both."""
    return [*_picker_rows(), *_panel_rows()]


def _picker_rows() -> list[Row]:
    import ipywidgets
    from samples import FakeBroker, some_services

    from conn_widgets import ServicePicker

    broker = FakeBroker(services=some_services(_SERVICES))
    names = [s.name for s in some_services(_SERVICES)]
    ServicePicker(broker, on_pick=print)  # the library is sent once
    ours = _median(lambda: ServicePicker(broker, on_pick=print))
    peer = _median(lambda: ipywidgets.Dropdown(options=names))
    size = _size(ServicePicker(broker, on_pick=print))
    peer_size = _size(ipywidgets.Dropdown(options=names))
    return [
        _row(
            "P11",
            what=f"picker of {_SERVICES:,} services, bytes besides the library",
            ours=f"{size} B",
            peer=f"Dropdown {peer_size / 1000:.0f} kB",
            found=size,
            most=1000,
        ),
        _row(
            "P11",
            what="building it, ms",
            ours=f"{ours:.2f} ms",
            peer=f"Dropdown {peer:.1f} ms",
            found=ours,
            most=2,
        ),
    ]


def _panel_rows() -> list[Row]:
    import machine
    from playwright.sync_api import sync_playwright

    message, everything = _answers()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=machine.find_chromium(), args=_FLAGS
        )
        page = browser.new_page(viewport={"width": 800, "height": 1200})
        page.set_content(_page())
        page.wait_for_function("window.ready")
        paint, key, all_paint, all_key = (
            statistics.median(page.evaluate(script, given) for _ in range(_TIMES))
            for script, given in (
                (_PAINT, message),
                (_KEYSTROKE, message),
                (_ALL_PAINT, everything),
                (_ALL_KEYSTROKE, "77"),
            )
        )
        browser.close()
    what = f"panel with {_CONNECTIONS:,} connections in Chromium"
    return [
        _row(
            "P12",
            what=f"{what}, paint, ms",
            ours=f"{paint:.1f} ms",
            peer=f"all rows {all_paint:.0f} ms",
            found=paint,
            most=20,
        ),
        _row(
            "P12",
            what=f"{what}, keystroke, ms",
            ours=f"{key:.1f} ms",
            peer=f"all rows {all_key:.0f} ms",
            found=key,
            most=16,
        ),
    ]


def _answers() -> tuple[dict, list[dict]]:
    """Return what the kernel sends for the first rows, and what all rows would be."""
    from samples import FakeBroker, a_connection, a_service

    from conn_widgets import ConnectionList

    many = [
        a_connection(f"c-{n}", f"Connection number {n}") for n in range(_CONNECTIONS)
    ]
    broker = FakeBroker(services=[a_service()], connections=many)
    sent: list[dict] = []
    listing = ConnectionList(broker, on_new=print, on_action=print)
    listing.send = sent.append
    listing._received(listing, {"do": "ready"}, None)
    message = json.loads(json.dumps(sent[0]))
    return message, [{"name": c.name, "link_name": c.link_name} for c in many]


def _page() -> str:
    from conn_widgets._part import scripts, stylesheet

    code = json.dumps(scripts()).replace("</", "<\\/")
    return _PAGE.format(css=stylesheet(), code=code)


def _median(make) -> float:
    found = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        make()
        found.append((time.perf_counter() - began) * 1e3)
    return statistics.median(found)


def _size(widget) -> int:
    return len(json.dumps(widget.get_state(), default=str))


def _row(
    id_: str, *, what: str, ours: str, peer: str, found: float, most: float
) -> Row:
    return Row(
        id=id_,
        what=what,
        ours=ours,
        peer=peer,
        ratio=found,
        target=most,
        ok=found <= most,
    )


if __name__ == "__main__":
    print_table(rows())
