"""What the proxy that we configure writes down of the requests to us."""

import re

import pytest
from typer.testing import CliRunner

from conn_serverext import _cli_config

#: Each holds a whole address, a query, or what a browser says about itself.
TOO_MUCH = {
    *("$request", "$request_uri", "$args", "$query_string", "$is_args"),
    *("$http_referer", "$http_cookie", "$http_authorization"),
}


@pytest.mark.parametrize("more", [(), ("--hub",)], ids=["alone", "hub"])
def test_M6_nginx_writes_down_no_query(more):
    """The address of a callback holds a code, and a Referer may hold it too."""
    said = CliRunner().invoke(_cli_config.app, ["nginx", *more])
    assert 0 == said.exit_code, said.output
    [form] = re.findall(r"log_format connections (.*?);", said.output, re.DOTALL)
    written = re.findall(r"access_log (.*?);", said.output)

    assert '"$request_method $uri"' in form
    assert not set(re.findall(r"\$\w+", form)) & TOO_MUCH
    assert written
    assert all(line.endswith(" connections") for line in written)
