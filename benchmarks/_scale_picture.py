"""Draws bars and their latencies as one SVG; dark and light follow the reader's theme."""

from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT, _LEFT, _BAR = 300, 254, 16, 44


@dataclass(frozen=True)
class Curve:
    """One panel: requests per second as bars, what each took in words.

    Attributes:
        title: What grows from left to right.
        rates: Requests per second, by label.
        costs: The slowest hundredth, and the work for each, by the same labels.
    """

    title: str
    rates: dict[str, float]
    costs: dict[str, tuple[str, str]]


_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 13px }
.meta { fill: #59636e; font-size: 10px }
rect.bar { fill: #1f6feb }
rect.paper { fill: #ffffff }
line { stroke: #8c959f }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .meta { fill: #9198a1 } rect.paper { fill: #0d1117 }
  rect.bar { fill: #4493f8 }
}
"""


def picture(curves: list[Curve]) -> str:
    """Return the drawing, a panel beside the other under one scale."""
    width = _WIDTH * len(curves)
    most = max(rate for curve in curves for rate in curve.rates.values())
    panels = "".join(
        f'<g transform="translate({_WIDTH * number},0)">{_panel(curve, most)}</g>'
        for number, curve in enumerate(curves)
    )
    told = "; ".join(
        f"{c.title}: "
        + ", ".join(
            f"{label}: {rate:.0f} per second" for label, rate in c.rates.items()
        )
        for c in curves
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}" '
        f'width="{width}" role="img" aria-label="{escape(told)}">'
        f"<style>{_STYLE}</style>"
        f'<rect class="paper" width="{width}" height="{_HEIGHT}"/>{panels}</svg>\n'
    )


def _panel(curve: Curve, most: float) -> str:
    base, room = _HEIGHT - 60, _HEIGHT - 114
    step = (_WIDTH - 2 * _LEFT) / len(curve.rates)
    parts = [f'<text class="title" x="{_LEFT}" y="22">{escape(curve.title)}</text>']
    parts.append(f'<line x1="{_LEFT}" x2="{_WIDTH - _LEFT}" y1="{base}" y2="{base}"/>')
    for number, (label, rate) in enumerate(curve.rates.items()):
        middle, height = _LEFT + step * (number + 0.5), room * rate / most
        parts.append(
            f'<rect class="bar" x="{middle - _BAR / 2:.0f}" y="{base - height:.1f}" '
            f'width="{_BAR}" height="{height:.1f}" rx="3"/>'
            f"{_middle(middle, base - height - 6, f'{rate:.0f}/s')}"
            f"{_middle(middle, base + 16, label)}"
        )
        parts += [
            _middle(middle, base + 32 + 14 * line, text, "meta")
            for line, text in enumerate(curve.costs[label])
        ]
    return "".join(parts)


def _middle(x: float, y: float, text: str, kind: str = "") -> str:
    return (
        f'<text class="{kind}" x="{x:.0f}" y="{y:.0f}" text-anchor="middle">'
        f"{escape(text)}</text>"
    )
