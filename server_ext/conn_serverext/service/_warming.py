"""What the first person would wait for, and all who come with them, is loaded before."""


def warm_up() -> None:
    """Load what answers a token request, and what renews a token.

    Each is loaded where it is first used, so that a person's own server starts soon. A
    replica starts beside others that serve: it may take its time, and whoever asks it
    first may not wait for it.
    """
    from conn_core.auth import TYPES, auth_type  # noqa: PLC0415 - the point of it
    from conn_core.http import preload  # noqa: PLC0415 - as above

    from .. import _bodies  # noqa: F401, PLC0415 - as above

    loading = preload()
    for name in TYPES:
        auth_type(name)
    loading.join()
