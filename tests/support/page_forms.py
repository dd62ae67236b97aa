"""The web page without a browser: what a page says, and its forms filled in and sent."""

import html
import re
import urllib.parse

from cookie_browser import Answer, Browser

FORM = "application/x-www-form-urlencoded"
#: A service with a key and a sub-domain.
KEY_SHOP = """
[[service]]
id = "key-shop"
name = "Key shop"
auth_type = "api_key"
param_name = "X-API-Key"
param_prefix = ""
api_base_url = "https://{site}.keys.example"
api_hosts = ["{site}.keys.example"]
test_path = "/me"
parameters = [{ name = "site", display_name = "Site", example = "north" }]
"""


def words_of(answer: Answer) -> str:
    """Return what a page says, without its markup."""
    body = answer.text.partition("<body")[2].partition(">")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def token_in(answer: Answer) -> str:
    """Return the token that a page's forms bring back."""
    found = re.search(r'name="_xsrf" value="([^"]+)"', answer.text)
    assert found, words_of(answer)
    return found.group(1)


async def submit(
    browser: Browser, address: str, page: str, fields: dict[str, object]
) -> Answer:
    """Open a page and send a form with its token.

    Args:
        browser: Who does it.
        address: Where the form goes.
        page: Where it stands.
        fields: What is filled in; lists for what is there several times.
    """
    token = token_in(await browser.get(page))
    body = urllib.parse.urlencode({"_xsrf": token} | fields, doseq=True)
    headers = {"Content-Type": FORM}
    return await browser.send("POST", address, body=body, headers=headers)
