"""How the product looks and reads: what forms in notebooks and web pages share.

Beside the stylesheet and the icons: the words of a status, of a moment, of a history,
and the fields that describe a service. Names are loaded when first used: a server that
shows no page does not pay for their words.
"""

from typing import TYPE_CHECKING

from .._on_demand import on_demand

if TYPE_CHECKING:
    from ._apart import addresses_apart
    from ._asked import (
        ASKED,
        AUTH_TYPES,
        CLIENT_AUTHENTICATIONS,
        DELIMITERS,
        GRANT_TYPES,
        OPTIONAL,
        PARAM_TYPES,
        SIGNATURES,
        STARTS,
        Asked,
        Kind,
    )
    from ._attention import attention, needs_attention
    from ._briefly import briefly
    from ._described import (
        blanks_in,
        hosts_from,
        parameters_for,
        prefix_from,
        row_of_scope,
        scope_problems,
        scopes_from,
        shown,
    )
    from ._history import history_rows, what, word_for
    from ._icons import drawn, icons
    from ._log import what_was_done, who_did
    from ._offered import is_offered
    from ._uses import Line, uses_of, what_stops
    from ._words import (
        Pill,
        ago,
        chosen_because,
        counted,
        day,
        first_cell,
        hue,
        minute,
        monogram,
        next_step,
        now,
        pill_of,
        scopes_line,
        sentence,
        spoken,
        used,
        used_by,
        valid_until,
        whose,
        without_scheme,
    )

_HOME = {
    "_apart": ("addresses_apart",),
    "_asked": (
        "ASKED",
        "AUTH_TYPES",
        "CLIENT_AUTHENTICATIONS",
        "DELIMITERS",
        "GRANT_TYPES",
        "OPTIONAL",
        "PARAM_TYPES",
        "SIGNATURES",
        "STARTS",
        "Asked",
        "Kind",
    ),
    "_attention": ("attention", "needs_attention"),
    "_briefly": ("briefly",),
    "_described": (
        "blanks_in",
        "hosts_from",
        "parameters_for",
        "prefix_from",
        "row_of_scope",
        "scope_problems",
        "scopes_from",
        "shown",
    ),
    "_history": ("history_rows", "what", "word_for"),
    "_icons": ("drawn", "icons"),
    "_log": ("what_was_done", "who_did"),
    "_offered": ("is_offered",),
    "_uses": ("Line", "uses_of", "what_stops"),
    "_words": (
        "Pill",
        "ago",
        "chosen_because",
        "counted",
        "day",
        "first_cell",
        "hue",
        "minute",
        "monogram",
        "next_step",
        "now",
        "pill_of",
        "scopes_line",
        "sentence",
        "spoken",
        "used",
        "used_by",
        "valid_until",
        "whose",
        "without_scheme",
    ),
}

__all__ = [
    "ASKED",
    "AUTH_TYPES",
    "CLIENT_AUTHENTICATIONS",
    "DELIMITERS",
    "GRANT_TYPES",
    "OPTIONAL",
    "PARAM_TYPES",
    "SIGNATURES",
    "STARTS",
    "Asked",
    "Kind",
    "Line",
    "Pill",
    "addresses_apart",
    "ago",
    "attention",
    "blanks_in",
    "briefly",
    "chosen_because",
    "counted",
    "day",
    "drawn",
    "first_cell",
    "history_rows",
    "hosts_from",
    "hue",
    "icons",
    "is_offered",
    "minute",
    "monogram",
    "needs_attention",
    "next_step",
    "now",
    "parameters_for",
    "pill_of",
    "prefix_from",
    "row_of_scope",
    "scope_problems",
    "scopes_from",
    "scopes_line",
    "sentence",
    "shown",
    "spoken",
    "used",
    "used_by",
    "uses_of",
    "valid_until",
    "what",
    "what_stops",
    "what_was_done",
    "who_did",
    "whose",
    "without_scheme",
    "word_for",
]
__getattr__ = on_demand(__name__, _HOME)
