"""Names: what people type, made into what code writes."""

import difflib
import keyword
import re
import unicodedata
from collections.abc import Iterable

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_ALPHABETS = {"LATIN", "CYRILLIC", "GREEK"}
#: How keys and tokens of well-known services begin.
_KEY_BEGINNINGS = re.compile(
    r"-----BEGIN|AIza|AKIA|ASIA|eyJ[\w-]{10}|gh[oprsu]_|github_pat_|glpat-|"
    r"sk[-_](live|test|proj|ant)|xox[abeprs]-|ya29\."
)
_LONG_RUN = re.compile(r"[A-Za-z0-9]{20,}")
_TURNS_OF_A_KEY = 4
LINK_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_RESERVED = frozenset({"new", "list", "con", "aux", "nul", "prn", "all"})


def link_name_from(name: str) -> str:
    """Derive a link name from a display name.

    Args:
        name: What a person typed, in any script.

    Returns:
        A link name (``Finance Sheet`` gives ``finance-sheet``), or an empty text
        when nothing of the name can be kept.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    dashed = re.sub(r"[^a-z0-9_]+", "-", plain.lower())
    return dashed.lstrip("0123456789-_")[:63].strip("-_")


def is_link_name(text: str) -> bool:
    """Tell whether ``text`` can be a link name."""
    return LINK_NAME.fullmatch(text) is not None and text not in _RESERVED


def identifier_from(link_name: str) -> str:
    """Return the Python variable that a link name is bound to."""
    identifier = link_name.replace("-", "_")
    return f"{identifier}_" if keyword.iskeyword(identifier) else identifier


def closest(text: str, known: Iterable[str]) -> str | None:
    """Return the known name most like ``text``, if any is like it."""
    return next(iter(difflib.get_close_matches(text, list(known), n=1)), None)


def readable(name: str) -> str:
    """Return a name for people in one form, with single blanks.

    Raises:
        ValueError: If people could take it for something else: it has invisible or
            direction-changing characters, letters of two alphabets in a word, or is
            a secret that was pasted into the wrong field.
    """
    name = re.sub(r"\s+", " ", unicodedata.normalize("NFC", name))
    if has_invisible(name):
        msg = "must not contain invisible or direction-changing characters"
        raise ValueError(msg)
    if any(len(_alphabets(word)) > 1 for word in name.split()):
        msg = "must not mix alphabets in a word: letters that look alike mislead"
        raise ValueError(msg)
    if looks_like_a_secret(name):
        msg = "looks like a key or a token: everybody here would see it in a name"
        raise ValueError(msg)
    return name


def has_invisible(text: str) -> bool:
    """Tell whether a text has characters that show nothing, or turn its direction."""
    return any(unicodedata.category(character) in _INVISIBLE for character in text)


def looks_like_a_secret(text: str) -> bool:
    """Tell whether a text is rather a key or a token than something to read."""
    if _KEY_BEGINNINGS.match(text.strip()):
        return True
    return any(
        len(re.findall(r"(?<=[a-zA-Z])(?=\d)|(?<=\d)(?=[a-zA-Z])", run))
        >= _TURNS_OF_A_KEY
        for run in _LONG_RUN.findall(text)
    )


#: Letters of the Cyrillic and the Greek alphabet that look like Latin ones, and those.
_LOOKS_LIKE = str.maketrans(
    "\u0430\u0410\u0412\u0441\u0421\u0435\u0415\u041d\u0456\u0406\u0458"
    "\u0408\u041a\u041c\u043e\u041e\u0440\u0420\u0422\u0455\u0405\u0443"
    "\u0423\u0445\u0425\u051b\u051d"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1"
    "\u03a4\u03a5\u03a7\u03bf\u03b9\u03bd",
    "aABcCeEHiIjJKMoOpPTsSyYxXqwABEZHIKMNOPTYXoiv",
)
#: Those that look alike in our own.
_ALSO = str.maketrans("0134578|", "oleastbl")


def skeleton(name: str) -> str:
    """Return what a name looks like: two of the same are taken for each other.

    Case, blanks and signs do not count (Unicode UTS 39, for the alphabets above).
    """
    folded = unicodedata.normalize("NFKC", name).translate(_LOOKS_LIKE).casefold()
    plain = "".join(c for c in folded.translate(_ALSO) if c.isalnum())
    return plain.replace("rn", "m").replace("i", "l")


def _alphabets(word: str) -> set[str]:
    named = (unicodedata.name(c, "").split(" ")[0] for c in word if c.isalpha())
    return _ALPHABETS & set(named)
