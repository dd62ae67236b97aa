"""How a browser wants our pages: light, dark, or as its system is."""

import re
from typing import Final

from tornado import web

from .._cookies import ThemeCookie
from .._handler import may
from ._screen import ScreenHandler

#: What follows our root in an address of ours: no blank, no line's end.
_BELOW: Final = re.compile(r"[!-~]{0,2000}")


class ThemeDeed(ScreenHandler):
    """``theme``."""

    @web.authenticated
    @may("read")
    async def post(self) -> None:
        """Remember it, and show the same page again."""
        cookie = ThemeCookie(self.request, self.root)
        kept = cookie.value_of(self.form.text("theme"))
        self.set_cookie(cookie.name, kept, **cookie.attributes(keep=bool(kept)))
        back = self.form.text("back")
        self.go(back if _BELOW.fullmatch(back) else "")
