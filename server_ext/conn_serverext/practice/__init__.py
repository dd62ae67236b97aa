"""The practice service: an OAuth 2.0 authorization server and an API on this machine.

What the shipped notebooks and users' own tests run against. It is written as a real
peer: PKCE, exact redirect addresses, codes that work once, rotating refresh tokens that
end with their family when one comes twice, scopes that are enforced.
"""

from ._catalogue import service_toml
from ._counters import Counters
from ._people import Person, PracticeScope
from ._service import PracticeService
from ._visitor import VisitedPage, Visitor

__all__ = [
    "Counters",
    "Person",
    "PracticeScope",
    "PracticeService",
    "VisitedPage",
    "Visitor",
    "service_toml",
]
