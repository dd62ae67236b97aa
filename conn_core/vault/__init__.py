"""Sealing of secrets, and where the master key comes from."""

from ._vault import Vault, open_vault

__all__ = ["Vault", "open_vault"]
