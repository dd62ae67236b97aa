"""``%conn service new`` and its like, written wrong: one line, and nothing is stored."""

import pytest
from described_service import NEW

from conn_core.errors import InvalidInput, NameTaken, ServiceNotFound
from conn_magics._usage import UsageError


@pytest.mark.parametrize(
    ("line", "error", "said"),
    [
        ("service shw coffee", UsageError, "Did you mean %conn service show?"),
        ("service show", UsageError, "required: ID"),
        ("service show cofee", ServiceNotFound, "cofee"),
        (NEW.replace("Acme CRM", "Coffee"), NameTaken, "'coffee' is a service"),
        (NEW.replace("https://api", "http://api"), InvalidInput, "--base-url: "),
        (NEW.replace("https://auth", "http://auth"), InvalidInput, "--authorize-url: "),
        (NEW.replace("Acme CRM", ""), InvalidInput, "--name: must not be empty"),
        (NEW.replace("Acme CRM", "x" * 300), InvalidInput, "--name: must have at most"),
        (f"{NEW} --test-path me", InvalidInput, "--test-path: must begin with /"),
        (f'{NEW} --scope ok --scope "b c"', InvalidInput, "--scope 2: "),
        (f"{NEW} --scope a --read-only-scope a", UsageError, "one name twice"),
        (f"{NEW} --host a.example --host a.example", UsageError, "one name twice"),
        (f"{NEW} --host *", InvalidInput, "--host"),
        (f"{NEW} --name Again", UsageError, "--name is given twice"),
        (f"{NEW} --auth-type magic", UsageError, "--auth-type takes one of oauth2, oa"),
        (f"{NEW} --scope-delimiter long-one", InvalidInput, "--scope-delimiter: "),
        (f"{NEW} --pkce=yes", UsageError, "takes no value"),
        (f"{NEW} --client-secret x", UsageError, "has no option --client-secret"),
        (f"{NEW} --id Acme!", InvalidInput, "--id: "),
        (f"{NEW} --from a.toml --openapi b", UsageError, "Name one source"),
        ("service new", InvalidInput, "--base-url: is needed"),
        ("service import", UsageError, "required: FILE"),
    ],
)
def test_bad_input_names_the_option_and_stores_nothing(
    terminal, broker, line, error, said
):
    """One line."""
    before = dict(broker._services)
    with pytest.raises(error) as caught:
        terminal(line)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert before == broker._services
