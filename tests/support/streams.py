"""What a kernel printed, in one piece."""

from collections.abc import Iterable, Mapping
from typing import Any


def merged(outputs: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a cell's outputs, with the pieces of each stream put together.

    A kernel sends what there is five times a second: on a machine that is busy the words
    of one ``print`` come one by one.
    """
    found: list[dict[str, Any]] = []
    for output in outputs:
        one = dict(output)
        if "text" in one:
            one["text"] = "".join(one["text"])  # in a file it is a list of lines
        if found and "text" in one and found[-1].get("name") == one["name"]:
            found[-1]["text"] += one["text"]
        else:
            found.append(one)
    return found
