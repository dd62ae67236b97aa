"""Structured events: one for each line of the audit log, without a secret."""

import json

from patience import soon

from conn_serverext._events import SCHEMA_ID


async def test_each_line_is_an_event(jp_serverapp, connect, kernel):
    """As the schema says; whoever listens gets it."""
    heard = []

    async def listen(logger, schema_id, data):
        heard.append(data)

    jp_serverapp.event_logger.add_listener(schema_id=SCHEMA_ID, listener=listen)
    await connect(name="C")
    await kernel("POST", "api/v1/connections/c/revoke")
    await soon(lambda: any(event["action"] == "revoke" for event in heard))
    (revoked,) = (event for event in heard if event["action"] == "revoke")
    assert ("c", "coffee", "ok") == (
        revoked["connection"],
        revoked["service"],
        revoked["result"],
    )
    assert revoked["actor"] == revoked["owner"]
    assert "CNRY" not in json.dumps(heard)


async def test_what_is_rolled_back_is_no_event(jp_serverapp, extension, kernel):
    """It did not happen."""
    heard = []
    await kernel("GET", "api/v1/connections")

    def breaks_off(core):
        core.auditing.told = heard.append
        with core.store.write() as tx:
            core.audit(tx, "use", actor="sam")
            tx.rollback()

    await extension.core.run(breaks_off)
    assert [] == heard
