"""The shapes of our icons: 16 px grid, drawn in the colour of the text."""

import functools
import json
from importlib import resources

Shapes = list[tuple[str, dict[str, str | float]]]


@functools.cache
def icons() -> dict[str, Shapes]:
    """Return the icons by name: elements of SVG, each with its attributes."""
    written = resources.files("conn_core") / "look" / "icons.json"
    read: dict[str, Shapes] = json.loads(written.read_text("utf-8"))
    return read


def drawn(name: str) -> str:
    """Return what stands inside the ``<svg>`` of an icon."""
    return "".join(
        f"<{tag} " + " ".join(f'{key}="{v}"' for key, v in attributes.items()) + "/>"
        for tag, attributes in icons()[name]
    )
