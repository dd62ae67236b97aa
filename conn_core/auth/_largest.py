"""The largest form that is signed: it travels to whoever signs.

Alone here: whoever signs reads it at its start, long before anything is signed.
"""

from typing import Final

LARGEST_FORM: Final = 1024 * 1024
