"""What the audit log keeps of a credential: not it, but enough to find it again.

The beginning of an HMAC-SHA256 digest under the log's own key: who finds a token
somewhere can ask whose it is, and who reads the log learns nothing. It is made once,
when a credential was obtained or renewed.
"""

from collections.abc import Iterable

from ..auth import TokenSet
from ..errors import ConnectionsError
from ._chain import ChainKey
from ._line_texts import marked
from ._workshop import Workshop


def marks_of(workshop: Workshop, tokens: TokenSet) -> str:
    """Return the marks of a credential, as a line ends with them.

    Empty where the log's key cannot be had now: nothing that came from a provider is
    lost for that.
    """
    try:
        key = workshop.auditing.opened or _key_of(workshop)
    except ConnectionsError:
        return ""
    return marked(dict.fromkeys(_marks(key, tokens)))


def _key_of(workshop: Workshop) -> ChainKey:
    with workshop.store.read() as tx:
        return workshop.auditing.key(tx, workshop.vault)


def _marks(key: ChainKey, tokens: TokenSet) -> Iterable[str]:
    renewing = () if tokens.refresh_token is None else (tokens.refresh_token,)
    for secret in (tokens.access_token, *renewing, *tokens.further.values()):
        if secret:
            yield key.mark_of(secret.reveal())
