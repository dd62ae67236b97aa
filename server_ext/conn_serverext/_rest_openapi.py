"""REST: what it can be asked, as an OpenAPI document."""

import asyncio

from jupyter_server.utils import url_path_join
from tornado import web

from ._api import ApiHandler
from ._handler import may


class OpenApiHandler(ApiHandler):
    """``api/v1/openapi.yaml``."""

    @web.authenticated
    @may("read")
    async def get(self) -> None:
        """Return this document."""
        from .openapi import document_text  # noqa: PLC0415 - pydantic and YAML

        root = url_path_join(self.base_url, "connections")
        text = await asyncio.to_thread(document_text, root)
        self.set_header("Content-Type", "application/yaml")  # RFC 9512
        self.finish(text)
