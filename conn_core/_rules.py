"""What requests of a sealed connection may be: which methods, to which paths."""

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ._value import Value

#: What changes nothing (RFC 9110 9.2.1), but for TRACE, which nobody sends.
READ_ONLY = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules(Value):
    """Rules that the broker holds every request to, where it sends them itself.

    Attributes:
        methods: The HTTP methods that are allowed; any where there is none.
        paths: The paths that are allowed, each with what is below it; ``*`` stands for
            anything. They begin at the API's host. Any where there is none.
    """

    methods: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.methods or self.paths)

    def allow(self, method: str, path: str) -> bool:
        """Tell whether a request may be sent.

        Args:
            method: Its method.
            path: Its path, decoded and without dot segments.
        """
        return self._allow_method(method) and self._allow_path(path)

    def _allow_method(self, method: str) -> bool:
        return not self.methods or method.upper() in self.methods

    def _allow_path(self, path: str) -> bool:
        return not self.paths or any(_covers(rule, path) for rule in self.paths)

    def in_words(self) -> str:
        """Return what is allowed, as a sentence says it."""
        methods = ", ".join(self.methods)
        paths = f"below {', '.join(self.paths)}" if self.paths else ""
        return " ".join(filter(None, (methods, paths)))

    def dump(self) -> str | None:
        """Return what a column holds; None where there are no rules."""
        return json.dumps(self.to_json()) if self else None

    @classmethod
    def load(cls, text: str | None) -> "Rules":
        """Read a column."""
        return cls.from_json(json.loads(text)) if text else NO_RULES


#: Long lists have it in nearly every row.
NO_RULES = Rules()


def _covers(rule: str, path: str) -> bool:
    whole = rule.rstrip("/").replace("[", "[[]")
    return fnmatchcase(path, whole or "/") or fnmatchcase(path, f"{whole}/*")
