"""fsspec: files at a service's https addresses, for pandas, dask and their like."""

import asyncio
import functools
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NoReturn

import aiohttp

from conn_core.errors import HostNotAllowed, InvalidInput, Sealed

from ._by_name import ByName
from ._context import Context
from ._headers import placed_headers

if TYPE_CHECKING:
    import conn_core

#: Sending them twice does what sending them once does, and they have no body.
_SAFE: Final = frozenset({"GET", "HEAD"})


def storage_options(context: Context, *, protocol: str = "https") -> "StorageOptions":
    """Return options for ``fsspec.open(url, **options)`` and ``filesystem("https", …)``.

    Each request asks for the credential, at every hop, and only for the service's own
    hosts. For pandas, open the file first:
    ``with fsspec.open(url, **options) as file: pd.read_csv(file)``.

    Args:
        context: The connection.
        protocol: ``https``, or ``http`` for a service on this machine.

    Raises:
        InvalidInput: If it is another protocol, or the credential is not in a header.
    """
    if protocol not in {"http", "https"}:
        raise InvalidInput(
            f"There are storage options for https, not for '{protocol[:40]}'",
            f"Use cm.connect({context.link_name!r})",
        )
    placed_headers(context, context.token())
    return StorageOptions(context)


class StorageOptions(ByName, Mapping[str, Any]):
    """The options. They hold no credential.

    pandas takes the options of an https address for headers, and sends those wherever
    the address redirects to: it gets an error instead of a credential.
    """

    adapter = "storage_options"

    def __init__(self, context: Context) -> None:
        self.context = context
        self._options = {
            "get_client": _NewClient(context),
            # Instances are kept by the text of their options, and a test's broker
            # is not the one of the notebook.
            "skip_instance_cache": True,
        }

    def __getitem__(self, key: str) -> Any:
        return self._options[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._options)

    def __len__(self) -> int:
        return len(self._options)

    def items(self) -> NoReturn:
        """Refuse: who asks for pairs wants headers; who writes ``**options`` does not.

        Raises:
            InvalidInput: Always.
        """
        raise InvalidInput(
            "pandas would send the credential to whatever host an https address "
            "redirects to, so it is not given to it. Nothing was sent",
            "Write: with fsspec.open(url, **options) as file: pd.read_csv(file)",
        )


class _NewClient:
    """Makes the client of a file system."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def __call__(self, **options: Any) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(middlewares=(_Carrier(self._context),), **options)

    def __repr__(self) -> str:
        return f"<client of {self._context.link_name!r}>"


class _Carrier:
    """Adds the credential to a request for as long as it is under way; at every hop."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def __call__(self, request: Any, handler: Any) -> Any:
        self._check(request)
        token = await self._lent()
        answer = await self._send(request, handler, token)
        if answer.status != 401 or request.method not in _SAFE:
            return answer
        renewed = await self._lent(rejected=token.generation)
        if renewed.generation == token.generation:
            return answer
        answer.close()
        return await self._send(request, handler, renewed)

    async def _lent(self, *, rejected: int | None = None) -> "conn_core.AccessToken":
        ask = functools.partial(self._context.token, rejected=rejected)
        try:
            return await asyncio.to_thread(ask)
        except Sealed as error:
            kept = _Kept(error.message, error.hint)
        raise kept

    def _check(self, request: Any) -> None:
        try:
            self._context.check(str(request.url.with_fragment(None)))
        except HostNotAllowed as error:
            refused = _Refused(error.message, error.hint)
        else:
            return
        raise refused

    async def _send(
        self, request: Any, handler: Any, token: "conn_core.AccessToken"
    ) -> Any:
        own = request.headers.copy()
        try:
            request.headers.update(placed_headers(self._context, token))
            return await handler(request)
        finally:
            # An answer knows its request, and shows it in errors.
            request.headers.clear()
            request.headers.extend(own)


class _Kept(Sealed, aiohttp.ClientError):
    """The same refusal, as below: it was sealed after the options were made."""


class _Refused(HostNotAllowed, aiohttp.ClientError):
    """The same refusal: aiohttp would wrap an OS error that is none of its own."""
