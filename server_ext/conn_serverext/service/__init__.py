"""The stand-alone service: our handlers without anybody's notebooks and kernels."""

from ._app import ServiceApp, serve
from ._config import ConnectionsService

__all__ = ["ConnectionsService", "ServiceApp", "serve"]
