"""Before a replica serves, what the first person would wait for is loaded."""

#: What a token request and the renewal of a token are made of.
NEEDED = {
    "conn_core.auth._oauth2_steps",
    "conn_core.auth._typed",
    "conn_core.http._client",
    "conn_serverext._bodies",
}
#: Says what is loaded once the service ends.
SAYS_SO = """
import atexit, sys
def say():
    tls = sys.modules["conn_core.http._tls"]
    print("LOADED", *sys.modules, f"contexts={tls._build.cache_info().currsize}")
atexit.register(say)
"""


def test_nobody_waits_for_what_is_loaded_at_first_use(new_replica):
    """A replica that nobody asked anything has all of it by the time that it ends."""
    replica = new_replica(config=SAYS_SO).start()
    replica.stop()

    [said] = [line for line in replica.log.splitlines() if line.startswith("LOADED ")]
    assert {*NEEDED, "contexts=1"} <= {*said.split()}
