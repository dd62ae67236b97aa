"""A browser that is all cookies: enough to drive pages without script."""

import json
import urllib.parse
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

from tornado.httpclient import HTTPRequest


@dataclass
class Answer:
    """What came back."""

    code: int
    headers: object
    text: str

    @property
    def json(self):
        return json.loads(self.text)


@dataclass
class Browser:
    """Keeps cookies by host, path and name, as a browser does (not by port)."""

    client: object
    host: str
    cookies: dict = field(default_factory=dict)

    async def get(self, address, **options):
        return await self.send("GET", address, **options)

    async def send(self, method, address, *, body=None, headers=None, host=None):
        parts = urllib.parse.urlsplit(address)
        host = host or parts.netloc or self.host
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        sent = {"Host": host, "Sec-Fetch-Mode": "navigate"} | (headers or {})
        held = self.held(host, parts.path)
        if held:
            sent["Cookie"] = "; ".join(f"{name}={held[name]}" for name in held)
        answer = await fetch(self.client, method, path, headers=sent, body=body)
        self._keep(host, answer)
        return answer

    def held(self, host, path="/"):
        name = host.rpartition(":")[0]
        return {
            cookie: value
            for (where, below, cookie), value in self.cookies.items()
            if where == name and path.startswith(below)
        }

    def _keep(self, host, answer):
        name = host.rpartition(":")[0]
        for line in answer.headers.get_list("Set-Cookie"):
            for morsel in SimpleCookie(line).values():
                place = (name, morsel["path"] or "/", morsel.key)
                self.cookies.pop(place, None)
                if morsel["max-age"] != "0" and morsel.value:
                    self.cookies[place] = morsel.coded_value


async def fetch(client, method, path, *, headers, body=None):
    request = HTTPRequest(
        client.get_url(path),
        method=method,
        headers=headers,
        body=body,
        follow_redirects=False,
        allow_nonstandard_methods=True,
        request_timeout=60,
    )
    answer = await super(type(client), client).fetch(request, raise_error=False)
    return Answer(answer.code, answer.headers, (answer.body or b"").decode())
