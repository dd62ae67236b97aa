"""Unique markers in the place of secrets, and a search for them in every form.

``canary("client-secret")`` makes one; ``canary.sweep(paths, texts)`` fails when any
of them, or any real token that a peer issued, turns up where it must not, and
``canary.found_in_memory(pid)`` looks through all that a process may write to.
"""

import base64
import contextlib
import io
import json
import os
import secrets
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import process_memory

_ZIP_MAGIC = b"PK\x03\x04"
_GZIP_MAGIC = b"\x1f\x8b\x08"
#: A shorter secret would be found by chance.
_SHORTEST = 12


class Canary:
    """Makes markers and looks for them."""

    def __init__(self) -> None:
        self._secrets: dict[str, str] = {}

    def __call__(self, purpose: str) -> str:
        """Make a unique secret; ``purpose`` says what it stands for."""
        marker = f"CNRY-{purpose}-{secrets.token_hex(8)}"
        self.watch(marker, purpose)
        return marker

    def watch(self, secret: str, purpose: str) -> None:
        """Look for a secret that somebody else made, such as a token."""
        if len(secret) < _SHORTEST:
            msg = f"the {purpose} is too short to be told from chance"
            raise ValueError(msg)
        self._secrets[secret] = purpose

    def watch_all(self, secrets_: Iterable[str], purpose: str) -> None:
        """Look for several secrets that somebody else made."""
        for secret in secrets_:
            self.watch(secret, purpose)

    def __len__(self) -> int:
        return len(self._secrets)

    def found_in(self, data: bytes) -> set[str]:
        """Return the purposes of the secrets that ``data`` holds in any form."""
        haystacks = [data, *_unpacked(data)]
        return {
            purpose
            for secret, purpose in self._secrets.items()
            if any(
                needle in haystack for needle in forms(secret) for haystack in haystacks
            )
        }

    def found_in_memory(self, pid: int) -> set[str]:
        """Return the purposes of the secrets that a process has in its memory.

        Raises:
            OSError: If it may not be read, or the process has ended.
        """
        purposes = {
            form: purpose
            for secret, purpose in self._secrets.items()
            for form in forms(secret)
        }
        found = process_memory.found_in_memory(pid, purposes)
        return {purposes[form] for form in found}

    def sweep(
        self,
        paths: Iterable[str | os.PathLike[str]] = (),
        texts: Mapping[str, str | bytes] | None = None,
    ) -> int:
        """Fail if a secret is in one of the files, folders or texts, or is a name there.

        Args:
            paths: Files, and folders with everything below them.
            texts: Other artefacts by a name for the report.

        Returns:
            How many artefacts were searched: a sweep of nothing proves nothing.
        """
        leaks, searched = [], 0
        for name, data in _artefacts(paths, texts or {}):
            searched += 1
            found = self.found_in(data) | self.found_in(name.encode())
            leaks += [f"{what} in {name}" for what in sorted(found)]
        assert not leaks, "secrets leaked: " + "; ".join(leaks)
        assert searched, "there was nothing to search"
        return searched


def forms(secret: str) -> set[bytes]:
    """Return what to look for: the secret as it is, and as encodings show it."""
    raw = secret.encode()
    return {
        raw,
        secret[::-1].encode(),
        quote(secret, safe="").encode(),
        json.dumps(secret)[1:-1].encode(),
        raw.hex().encode(),
        raw.hex().upper().encode(),
        secret.encode("utf-16-le"),
        secret.encode("utf-32-le"),
        *_base64_forms(raw),
    }


def _base64_forms(raw: bytes) -> Iterator[bytes]:
    """Yield the middle of the encoding at each of the three possible offsets."""
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw)
        # The first and last characters depend on the neighbours.
        middle = encoded[(0, 2, 3)[offset] :].rstrip(b"=")
        middle = middle[: len(middle) - 1]
        yield middle
        yield middle.replace(b"+", b"-").replace(b"/", b"_")


def _unpacked(data: bytes) -> Iterator[bytes]:
    if data.startswith(_ZIP_MAGIC):
        yield from _members(data)
    start = data.find(_GZIP_MAGIC)
    while start >= 0:
        # Three bytes may only look like the beginning of gzip.
        with contextlib.suppress(zlib.error):
            yield zlib.decompressobj(wbits=31).decompress(data[start:])
        start = data.find(_GZIP_MAGIC, start + 1)


def _members(data: bytes) -> Iterator[bytes]:
    with (
        contextlib.suppress(zipfile.BadZipFile),
        zipfile.ZipFile(io.BytesIO(data)) as packed,
    ):
        for name in packed.namelist():
            yield name.encode()
            yield packed.read(name)


def _artefacts(
    paths: Iterable[str | os.PathLike[str]], texts: Mapping[str, str | bytes]
) -> Iterator[tuple[str, bytes]]:
    for path in map(Path, paths):
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file():
                yield str(file), file.read_bytes()
    for name, text in texts.items():
        yield name, text if isinstance(text, bytes) else text.encode()


def process_artefacts(parent: int) -> dict[str, bytes]:
    """Return what processes show: one and all below it.

    Their environments, their command lines, and the names of what they have open. Where
    there is no ``/proc``, ``ps`` says what it may.
    """
    import psutil

    process = psutil.Process(parent)
    artefacts: dict[str, bytes] = {}
    for each in [process, *process.children(recursive=True)]:
        try:
            artefacts[f"environ of process {each.pid}"] = json.dumps(
                each.environ()
            ).encode()
            artefacts[f"cmdline of process {each.pid}"] = "\0".join(
                each.cmdline()
            ).encode()
            artefacts[f"open files of process {each.pid}"] = _open_files(each.pid)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue  # it ended meanwhile
    return artefacts


def _open_files(pid: int) -> bytes:
    folder, names = Path(f"/proc/{pid}/fd"), []
    for link in folder.iterdir() if folder.is_dir() else ():
        with contextlib.suppress(OSError):  # it was closed meanwhile
            names.append(str(link.readlink()))
    return "\0".join(names).encode()
