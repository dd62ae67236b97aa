"""How files are opened that hold a bearer: only ours, never through a link."""

import os
from typing import Final

_O_NOFOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_O_BINARY: Final = getattr(os, "O_BINARY", 0)
#: O_NONBLOCK: a named pipe in the place of the file must not hang a kernel or a job.
READ: Final = os.O_RDONLY | _O_NOFOLLOW | getattr(os, "O_NONBLOCK", 0) | _O_BINARY
#: O_EXCL: what is there already, a link among it, stays as it is.
CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _O_BINARY
