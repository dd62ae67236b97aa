"""The predefined services: data files and their loader."""

from ._catalog import Catalog

__all__ = ["Catalog"]
