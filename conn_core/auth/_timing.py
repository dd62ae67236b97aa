"""When to renew a token. Pure arithmetic; the clock is the caller's."""

from collections.abc import Sequence

from .._services import Service

#: Early enough for a call that is under way when the token ends.
_EARLY_SECONDS = 60.0
_EARLY_SHARE = 0.1
#: A token that can only be exchanged while it lives is exchanged long before its end.
_EXCHANGE_SHARE = 0.5


def renewal_margin(service: Service, *, lifetime: float) -> float:
    """Return how long before its end a token is renewed, seconds.

    Args:
        service: The service, for its habits.
        lifetime: How long the token lives in all, seconds.
    """
    habits = service.habits.renewal
    if habits.exchange is not None:
        return _EXCHANGE_SHARE * lifetime
    # Early, but not so early that a short-lived token is refreshed at every call.
    usual = min(_EARLY_SECONDS, _EARLY_SHARE * lifetime)
    return usual if habits.only_within is None else min(usual, habits.only_within)


def may_force_renewal(service: Service, *, left: float | None) -> bool:
    """Tell whether a token may be renewed before its time, after a 401.

    Args:
        service: The service, for its habits.
        left: Seconds that the token has left, None when it is not known.
    """
    within = service.habits.renewal.only_within
    return within is None or left is None or left <= within


def wait_for_quota(
    service: Service, *, renewed_at: Sequence[float], now: float
) -> float:
    """Return for how many seconds no new token may be asked for; 0 when one may.

    Args:
        service: The service, for its habits.
        renewed_at: When tokens were obtained with this refresh token, seconds since 1970.
        now: Seconds since 1970.
    """
    limit = service.habits.renewal.at_most
    if limit is None:
        return 0.0
    most, seconds = limit
    # Moments in the future are from before the clock was put back.
    recent = sorted(moment for moment in renewed_at if 0 <= now - moment < seconds)
    if len(recent) < most:
        return 0.0
    return recent[-most] + seconds - now


def dies_at(
    service: Service, *, renewed_at: float, refresh_expires_in: float | None = None
) -> float | None:
    """Return when a grant dies if nobody renews, seconds since 1970.

    Args:
        service: The service, for its habits.
        renewed_at: When it was last renewed, seconds since 1970.
        refresh_expires_in: What the provider said about it then.

    Returns:
        None when nobody knows.
    """
    days = service.habits.renewal.idle_days
    told = [seconds for seconds in (refresh_expires_in,) if seconds is not None]
    if days is not None:
        told.append(days * 86_400.0)
    return renewed_at + min(told) if told else None
