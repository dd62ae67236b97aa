"""YAML as people read it: texts of several lines as blocks, nothing by reference."""

from typing import Any

import yaml


class _Readable(yaml.SafeDumper):
    """Writes each part where it belongs, however often it occurs."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - theirs
        """Write it again."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Readable.add_representer(str, _text)


def as_yaml(document: Any) -> str:
    """Return a document as YAML, in its own order.

    Args:
        document: Made of plain types.
    """
    written: str = yaml.dump(
        document, Dumper=_Readable, sort_keys=False, allow_unicode=True, width=92
    )
    return written
