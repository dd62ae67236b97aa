"""The SHA-256 of a notebook: as other programs compute it, and enough of it for people."""

import hashlib

from conn_core.jobs import digest_of, digest_shown, is_digest
from conn_core.look import briefly


def test_U10_a_digest_is_that_of_the_file(tmp_path):
    """Of each byte of it, as ``sha256sum`` says; one that is not there has none."""
    path = tmp_path / "report.ipynb"
    path.write_bytes(b"{}\n")

    assert hashlib.sha256(b"{}\n").hexdigest() == digest_of(path)
    assert is_digest(digest_of(path))
    assert "" == digest_of(tmp_path / "none.ipynb") == digest_of(tmp_path)


def test_what_is_no_digest():
    """Too short, too long, or of other letters."""
    for text in ("", "ab" * 31, "ab" * 33, "AB" * 32, "zz" * 32, "ab" * 32 + "\n"):
        assert not is_digest(text)
    assert "" == digest_shown("")


def test_people_read_the_beginning_of_a_digest():
    """Two are told apart; nothing else in a text is changed."""
    told = f"report.ipynb (scheduled, {digest_shown('0123456789abcdef' * 4)})"
    assert "report.ipynb (scheduled, SHA-256 0123456789ab…)" == briefly(told)
    for text in ("", "report.ipynb", "SHA-256", f"SHA-256 {'ab' * 33}", "ab" * 32):
        assert text == briefly(text)
