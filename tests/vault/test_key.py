import base64
import copy
import gc
import json
import pickle
import pprint
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conn_core.errors import StoreLocked, Tampered
from conn_core.vault import _envelope
from conn_core.vault._key import MasterKey, read_keys, write_key

RANDOM = st.binary(min_size=32, max_size=32).filter(lambda key: len(set(key)) >= 16)


@given(RANDOM)
def test_Q14_every_way_of_writing_a_key_gives_the_same_key(material):
    """Base64, its web form, without padding, hex in both cases: one key."""
    written = [
        base64.b64encode(material),
        base64.urlsafe_b64encode(material),
        base64.b64encode(material).rstrip(b"="),
        material.hex().encode(),
        material.hex().upper().encode(),
        b"  " + base64.b64encode(material) + b"\r\n",
        b"# made 2026-11-01\n\n" + base64.b64encode(material) + b"\n",
        write_key(material).encode(),
    ]

    assert {MasterKey(material).id} == {read_keys(text)[0].id for text in written}


@given(RANDOM.filter(lambda key: not key.isascii()))
def test_Q14_raw_bytes_are_a_key(material):
    """A file of exactly 32 random bytes is a key, whatever bytes they are."""
    assert [MasterKey(material).id] == [key.id for key in read_keys(material)]


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"\n\n",
        b"# only a comment\n",
        b"CNRY-correct horse battery staple",
        b"CNRY-a-passphrase-of-32-letters!"[:32],
        b"0123456789abcdef0123456789abcdef",
        bytes(range(200, 231)),
        bytes(range(200, 233)),
        bytes(32),
        b"\xff" * 32,
        base64.b64encode(bytes(32)),
        b"ab" * 32,
        b"zz" * 32,
        base64.b64encode(bytes(range(16))),
        base64.b64encode(bytes(range(24))),
        base64.b64encode(bytes(range(64))),
        b"!" * 43,
        b"\xc3\xa9" * 32,
        b"=" * 43,
    ],
)
def test_Q14_what_is_no_key_is_refused(written):
    """Wrong lengths, passphrases and placeholders are refused, never hashed."""
    assert read_keys(written) is None


def test_Q14_one_bad_line_spoils_the_list(as_text):
    """A list of keys with a damaged line is refused whole: no key is lost silently."""
    assert read_keys(as_text(1) + b"\n" + as_text(2)[:-5] + b"\n") is None


def test_keys_are_a_list_newest_first(material, as_text):
    """One key a line, in the order of the file; a repeated one counts once."""
    written = b"\n".join([as_text(3), material(1).hex().encode(), as_text(3)])

    expected = [MasterKey(material(3)).id, MasterKey(material(1)).id]
    assert expected == [key.id for key in read_keys(written)]


def test_a_key_id_tells_nothing_of_the_key(material):
    """Eight bytes, different for different keys, and no part of the key."""
    key = MasterKey(material(1))

    assert 8 == len(key.id)
    assert key.id != MasterKey(material(2)).id
    assert key.id not in material(1)


def _ways_to_show(thing):
    yield repr(thing)
    yield str(thing)
    yield f"{thing}"
    yield pprint.pformat(thing)
    yield json.dumps(thing, default=str)
    yield repr(getattr(thing, "__dict__", ""))
    yield repr([getattr(thing, name, "") for name in dir(thing)])


def _spellings(material):
    return [
        material.hex(),
        material.hex().upper(),
        base64.b64encode(material).decode(),
        repr(material)[2:-1],
    ]


def test_Q18_no_view_of_a_vault_or_key_shows_a_key(vault_with, material):
    """Neither repr nor attributes nor JSON of vault and key show key material."""
    vault = vault_with(1)
    shown = "".join(
        text for thing in (vault, vault._keys.newest()) for text in _ways_to_show(thing)
    )

    assert [] == [word for word in _spellings(material(1)) if word in shown]
    assert "<Vault: key file /k, for a test>" == repr(vault)
    assert "<master key>" == repr(vault._keys.newest())


def test_Q18_a_key_is_no_bytes_that_could_be_found(vault_with, material):
    """No bytes object with the key is left once the vault is made."""
    vault = vault_with(5)
    wanted = material(5)
    reachable = [
        vault,
        *vault.__dict__.values(),
        *vault._keys.all(),
        *vault._keys.__dict__.values(),
    ]
    found = [
        thing
        for holder in reachable
        for thing in gc.get_referents(holder)
        if isinstance(thing, (bytes, bytearray)) and wanted in thing
    ]

    assert [] == found


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
def test_Q18_vaults_and_keys_cannot_be_copied_out(vault_with, copied):
    """Pickling or copying a vault or a key is refused."""
    vault = vault_with(1)

    with pytest.raises(TypeError, match="cannot be serialised"):
        copied(vault)
    with pytest.raises(TypeError, match="cannot be serialised"):
        copied(vault._keys.newest())


def test_Q18_a_traceback_with_all_variables_shows_no_key(opened, key_file, material):
    """Errors while reading keys and opening rows show no key, even with locals."""
    damaged = key_file(
        material(1).hex().encode() + b"\n" + material(2).hex()[:-1].encode()
    )
    with pytest.raises(StoreLocked) as unreadable:
        opened(key_file=damaged)
    vault = opened(key_file=key_file(material(1), name="good.key"))
    sealed = bytearray(vault.seal(b"CNRY-traceback-7", binding=("a",)))
    sealed[-1] ^= 1
    with pytest.raises(Tampered) as tampered:
        vault.open(bytes(sealed), binding=("a",))

    words = [*_spellings(material(1)), *_spellings(material(2)), "CNRY-"]
    for caught in (unreadable, tampered):
        shown = _our_frames_with_variables(caught.value)
        assert "key_file" in shown or "envelope" in shown
        assert [] == [word for word in words if word in shown]


def _our_frames_with_variables(error):
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = [frame for frame in told.stack if "conn_core" in frame.filename]
    return str(error) + "".join(str(frame.locals) for frame in ours)


def test_Q17_a_cipher_that_computes_otherwise_stops_the_start(opened, monkeypatch):
    """A library whose AES-256-GCM gives another result is not used."""

    class Broken:
        def __init__(self, key):
            pass

        def encrypt(self, nonce, data, associated_data):
            return bytes(32)

    monkeypatch.setattr(_envelope, "AESGCM", Broken)

    with pytest.raises(StoreLocked, match="does not do AES-256-GCM as published"):
        opened()


def test_Q17_a_forbidden_cipher_stops_the_start(opened, monkeypatch):
    """A library that refuses the cipher, as under FIPS rules, is reported the same."""

    def forbidden(key):
        msg = "not allowed here"
        raise ValueError(msg)

    monkeypatch.setattr(_envelope, "AESGCM", forbidden)

    with pytest.raises(StoreLocked) as caught:
        opened()

    assert "Run pip install --upgrade cryptography" == caught.value.hint
