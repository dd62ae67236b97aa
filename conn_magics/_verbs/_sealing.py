"""Verbs about where a token stays: seal, unseal."""

from .. import _words
from .._blocks import Note, Sentence
from .._desk import Desk
from .._verb import NAME, verb
from .._views import View


@verb("seal", NAME)
def seal(desk: Desk, *, name: str) -> View:
    """Keep its token with the broker; requests go through it from now on."""
    connection = desk.broker.connection(name)
    sealed = desk.broker.seal(_words.key_of(connection))
    called = _words.called(sealed, name)
    return View(
        Sentence(f"'{called}' is sealed: its token stays with the broker", "ok"),
        Note(
            "Requests go through it. Kernels that were lent a token may use it until it "
            "expires"
        ),
        data=sealed.to_json(),
    )


@verb("unseal", NAME)
def unseal(desk: Desk, *, name: str) -> View:
    """Undo seal: your own kernels are lent the token again."""
    connection = desk.broker.connection(name)
    lent = desk.broker.seal(_words.key_of(connection), sealed=False)
    called = _words.called(lent, name)
    return View(
        Sentence(f"'{called}' is not sealed: your kernels are lent its token", "ok"),
        data=lent.to_json(),
    )
