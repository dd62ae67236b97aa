"""The operating system's key store, asked with patience for three seconds.

Only back ends that encrypt are asked. Which one the keyring package would choose by
itself does not matter: it takes a plaintext file, or nothing at all, where it must.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

from ._key import MasterKey, read_keys

KeyringFactory = Callable[[], Any]
State = Literal["found", "empty", "locked", "damaged", "unusable"]

_SERVICE: Final = "jupyter-connections"
#: By class, not by name or priority: a subclass may do anything.
_REAL: Final = {
    "keyring.backends.macOS.Keyring": "Keychain",
    "keyring.backends.Windows.WinVaultKeyring": "Windows Credential Manager",
    "keyring.backends.SecretService.Keyring": "Secret Service",
    "keyring.backends.libsecret.Keyring": "Secret Service",
    "keyring.backends.kwallet.DBusKeyring": "KWallet",
}
_CHAINER: Final = "keyring.backends.chainer.ChainerBackend"
_LOCKED: Final = "KeyringLocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyringAnswer:
    """What the system's key store said.

    Attributes:
        state: ``empty`` has no key of ours, ``unusable`` is no key store to trust.
        keys: The keys, newest first.
        name: The key store in words for people.
    """

    state: State
    keys: tuple[MasterKey, ...] = ()
    name: str = ""


def installed_keyring() -> Any:
    """Return the keyring package's choice. Imported when used: it costs 20 ms."""
    import keyring  # noqa: PLC0415 - see above

    return keyring.get_keyring()


def ask_keyring(
    factory: KeyringFactory,
    entry: str,
    *,
    patience: float,
    new_key: Callable[[], str] | None = None,
    change: Callable[[str], str] | None = None,
) -> KeyringAnswer:
    """Look for our key in the system's key store, and put one there if allowed to.

    A key store may wait for ever for somebody to unlock it, so a thread asks; it is
    left behind when the patience is over, and then stores nothing any more.

    Args:
        factory: Makes the keyring back end.
        entry: Under which name the key is kept.
        patience: How many seconds to wait.
        new_key: Makes a key when there is none; it is kept only if it reads back.
        change: Makes other content of what is there; what was there stays where the key
            store does not keep that whole.
    """
    answers: list[KeyringAnswer] = []
    given_up = threading.Event()

    def ask() -> None:
        answers.append(_answer(factory, entry, new_key, change, given_up))

    helper = threading.Thread(target=ask, name="connections-keyring", daemon=True)
    helper.start()
    helper.join(patience)
    given_up.set()
    return answers[0] if answers else KeyringAnswer(state="locked")


def _answer(
    factory: KeyringFactory,
    entry: str,
    new_key: Callable[[], str] | None,
    change: Callable[[str], str] | None,
    given_up: threading.Event,
) -> KeyringAnswer:
    try:
        backend = _real_one_of(factory())
        if backend is None:
            return KeyringAnswer(state="unusable")
        name = _REAL[_class_of(backend)]
        written = backend.get_password(_SERVICE, entry)
        if written is None and new_key is not None and not given_up.is_set():
            written = _stored(backend, entry, new_key())
        elif written is not None and change is not None and not given_up.is_set():
            written = _changed(backend, entry, written, change(written))
    except Exception as error:  # noqa: BLE001 - key stores raise whatever their system does
        is_locked = type(error).__name__ == _LOCKED
        return KeyringAnswer(state="locked" if is_locked else "unusable")
    if written is None:
        return KeyringAnswer(state="empty", name=name)
    keys = read_keys(written.encode()) if isinstance(written, str) else None
    if keys is None:
        return KeyringAnswer(state="damaged", name=name)
    return KeyringAnswer(state="found", keys=keys, name=name)


def _stored(backend: Any, entry: str, written: str) -> str | None:
    """Store a key and read it back; None when the key store did not keep it whole."""
    backend.set_password(_SERVICE, entry, written)
    if backend.get_password(_SERVICE, entry) == written:
        return written
    backend.delete_password(_SERVICE, entry)
    return None


def _changed(backend: Any, entry: str, before: str, written: str) -> str:
    """Store other content; return what is there then."""
    backend.set_password(_SERVICE, entry, written)
    if backend.get_password(_SERVICE, entry) == written:
        return written
    backend.set_password(_SERVICE, entry, before)
    return before


def _real_one_of(backend: Any) -> Any:
    """Return a back end that encrypts, or None.

    Where several are installed the package chains them, plaintext files included:
    then the best real one is taken out of the chain.
    """
    if _class_of(backend) == _CHAINER:
        members: Iterable[Any] = backend.backends
        return next((member for member in members if _class_of(member) in _REAL), None)
    return backend if _class_of(backend) in _REAL else None


def _class_of(backend: Any) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"
