"""Sealing of secrets, and where the master key comes from."""

from ._envelope import is_same_secret, key_id_of
from ._key import MasterKey
from ._places import KeyPlace
from ._recovery import recovered, recovery_code
from ._sources import named_file, new_key
from ._vault import Vault, key_search, open_vault
from ._wrapping import KeyWrapper

__all__ = [
    "KeyPlace",
    "KeyWrapper",
    "MasterKey",
    "Vault",
    "is_same_secret",
    "key_id_of",
    "key_search",
    "named_file",
    "new_key",
    "open_vault",
    "recovered",
    "recovery_code",
]
