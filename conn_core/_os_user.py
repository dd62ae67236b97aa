"""The account of this process."""

import os


def os_user() -> str:
    """Return the account this process runs under, whatever the environment claims.

    Containers often run under a number that has no name.
    """
    if os.name != "posix":
        import getpass  # noqa: PLC0415 - elsewhere it would only cost time

        return getpass.getuser()
    import pwd  # noqa: PLC0415 - exists on POSIX only

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"
