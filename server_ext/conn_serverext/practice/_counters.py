"""What the service counts, for tests that ask how often something happened."""

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Counters:
    """How often it did what since it started.

    Attributes:
        log_ins: Somebody logged in.
        authorization_requests: The authorize page was opened with a good request.
        codes: An authorization code was given out.
        token_requests: The token endpoint was asked, whatever it answered.
        codes_exchanged: A code became tokens.
        refreshes: A refresh token became new tokens.
        refused: The token endpoint said no.
        families_revoked: A used code or refresh token came again, and everything
            from the same consent ended.
        revocations: A client gave a token back (RFC 7009).
        api_calls: The API was asked, whatever it answered.
        api_401: The API did not accept the token.
        api_403: The token did not cover the scope.
    """

    log_ins: int = 0
    authorization_requests: int = 0
    codes: int = 0
    token_requests: int = 0
    codes_exchanged: int = 0
    refreshes: int = 0
    refused: int = 0
    families_revoked: int = 0
    revocations: int = 0
    api_calls: int = 0
    api_401: int = 0
    api_403: int = 0
