import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conn_core.errors import StoreUnavailable, Tampered, WrongKey
from conn_core.vault import Vault
from conn_core.vault._envelope import canonical
from conn_core.vault._key import MasterKey

SECRET = b"CNRY-vault-refresh-token-41"
BINDING = ("secrets", "sealed", "credential-1", "sam", "github", "api.github.com")
VAULT = Vault(
    [MasterKey(bytes(range(32)))], deployment="6b1d0c9e", key_source="key file /k"
)
SEALED = VAULT.seal(SECRET, binding=BINDING)
HEADER = 10
WRAPPED_KEY = slice(HEADER, HEADER + 60)


@given(st.binary(max_size=3000), st.lists(st.text(), max_size=8))
def test_what_is_sealed_opens_again(plaintext, binding):
    """Any secret, bound to any texts, comes back unchanged."""
    sealed = VAULT.seal(plaintext, binding=binding)

    assert plaintext == VAULT.open(sealed, binding=binding)


def test_the_secret_cannot_be_read_in_the_sealed_bytes():
    """The sealed bytes hold neither the secret nor a part of it."""
    assert SECRET not in SEALED
    assert b"CNRY-" not in SEALED


def test_the_format_is_what_it_was_in_the_first_release(vault_with, material):
    """A row sealed by the first release opens, byte for byte the same layout."""
    fixed = Vault(
        [MasterKey(material(1))],
        deployment="6b1d0c9e",
        key_source="",
        random_bytes=lambda count: bytes(range(count)),
    )
    golden = bytes.fromhex(GOLDEN)

    assert golden == fixed.seal(SECRET, binding=BINDING)
    assert SECRET == vault_with(1).open(golden, binding=BINDING)


@pytest.mark.parametrize(
    "binding",
    [
        ("secrets", "sealed", "credential-1", "eve", "github", "api.github.com"),
        (
            "secrets",
            "sealed_verifier",
            "credential-1",
            "sam",
            "github",
            "api.github.com",
        ),
        ("flows", "sealed", "credential-1", "sam", "github", "api.github.com"),
        ("secrets", "sealed", "credential-2", "sam", "github", "api.github.com"),
        ("secrets", "sealed", "credential-1", "sam", "gitlab", "api.github.com"),
        ("secrets", "sealed", "credential-1", "sam", "github", "evil.example"),
        ("secrets", "sealed", "credential-1", "sam", "githubapi.github.com"),
        ("secrets", "sealed", "credential-1", "sam", "github", "api.github.com", ""),
        (),
    ],
)
def test_Q1_Q3_Q8_Q9_a_row_does_not_open_in_another_place(binding):
    """Another user, column, table, row, service or host: the row does not open."""
    with pytest.raises(Tampered):
        VAULT.open(SEALED, binding=binding)

    assert SECRET == VAULT.open(SEALED, binding=BINDING)


def test_Q4_a_row_does_not_open_in_another_deployment(vault_with):
    """The same key and row, but another store's identity: the row does not open."""
    sealed = vault_with(1, deployment="one").seal(SECRET, binding=BINDING)

    with pytest.raises(Tampered):
        vault_with(1, deployment="two").open(sealed, binding=BINDING)


def test_a_deployment_cannot_borrow_from_the_binding(vault_with):
    """Moving a text from the binding into the deployment's name changes the seal."""
    sealed = vault_with(1, deployment="a").seal(SECRET, binding=("b", "c"))

    with pytest.raises(Tampered):
        vault_with(1, deployment="ab").open(sealed, binding=("c",))


@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_Q6_no_changed_byte_goes_unnoticed(position, flip):
    """Whichever byte is changed, the row does not open and nothing else happens."""
    changed = bytearray(SEALED)
    changed[position] ^= flip

    with pytest.raises((Tampered, WrongKey)) as caught:
        VAULT.open(bytes(changed), binding=BINDING)

    names_another_key = 2 <= position < HEADER
    assert names_another_key == isinstance(caught.value, WrongKey)


def test_Q7_the_wrapped_key_of_another_row_does_not_fit():
    """A data key moved between rows, or between two writes of one row, is refused."""
    for binding in (BINDING, (*BINDING[:2], "credential-2", *BINDING[3:])):
        other = VAULT.seal(SECRET, binding=binding)
        mixed = SEALED[:HEADER] + other[WRAPPED_KEY] + SEALED[WRAPPED_KEY.stop :]
        with pytest.raises(Tampered):
            VAULT.open(mixed, binding=BINDING)


def test_Q10_no_nonce_and_no_data_key_is_used_twice():
    """Two thousand writes of the same secret share no nonce and no ciphertext."""
    writes = [VAULT.seal(SECRET, binding=BINDING) for _ in range(2000)]
    wrap_nonces = {sealed[HEADER : HEADER + 12] for sealed in writes}
    data_nonces = {sealed[HEADER + 60 : HEADER + 72] for sealed in writes}
    wrapped_keys = {sealed[WRAPPED_KEY][12:] for sealed in writes}
    bodies = {sealed[HEADER + 72 :] for sealed in writes}

    assert [2000] * 4 == [
        len(wrap_nonces),
        len(data_nonces),
        len(wrapped_keys),
        len(bodies),
    ]
    assert not wrap_nonces & data_nonces


def test_Q10_each_write_draws_a_key_and_two_nonces(material):
    """A write asks the random source for 32, 12 and 12 bytes, and for nothing else."""
    drawn = []

    def counting(count):
        drawn.append(count)
        return os.urandom(count)

    vault = Vault(
        [MasterKey(material())], deployment="d", key_source="", random_bytes=counting
    )
    vault.seal(SECRET, binding=BINDING)
    vault.seal(SECRET, binding=BINDING)

    assert [32, 12, 12] * 2 == drawn


@given(st.integers(0, len(SEALED) - 1))
def test_Q11_a_truncated_row_is_tampered(length):
    """A row cut anywhere, even to nothing, gives the one error and no other."""
    with pytest.raises(Tampered):
        VAULT.open(SEALED[:length], binding=BINDING)


@given(st.binary(max_size=400))
def test_Q11_foreign_bytes_are_tampered(garbage):
    """Bytes that we never wrote give a typed error."""
    with pytest.raises((Tampered, WrongKey)):
        VAULT.open(garbage, binding=BINDING)


@pytest.mark.parametrize(
    "stored",
    [
        SEALED.hex(),
        None,
        7,
        memoryview(SEALED),
        SEALED + b"\0",
        SEALED + bytes(8_000_000),
    ],
    ids=["text", "null", "number", "view", "longer", "huge"],
)
def test_Q11_what_is_no_sealed_row_is_tampered(stored):
    """A database hands out texts, nulls or numbers when somebody wrote them there."""
    with pytest.raises(Tampered):
        VAULT.open(stored, binding=BINDING)


@pytest.mark.parametrize("start", [b"\0\1", b"\2\1", b"\1\0", b"\1\2", b"\0\0", b"gA"])
def test_Q12_no_other_format_is_read(start):
    """No older, newer, weaker or plain format exists that a row could be lowered to."""
    with pytest.raises(Tampered):
        VAULT.open(start + SEALED[2:], binding=BINDING)


def test_Q12_a_plain_secret_in_the_column_is_refused():
    """A secret written into the database unsealed is never taken for one."""
    with pytest.raises(Tampered):
        VAULT.open(b"CNRY-plain-token-put-in-by-hand" * 9, binding=BINDING)


def test_Q16_a_row_of_an_unknown_key_says_so(vault_with):
    """A row that another key sealed is told from a damaged one, in class and words."""
    sealed = vault_with(2).seal(SECRET, binding=BINDING)

    with pytest.raises(WrongKey) as caught:
        vault_with(1).open(sealed, binding=BINDING)

    assert (
        "A stored secret was sealed with a key that is not in the key file /k"
        == caught.value.message
    )


def test_the_newest_key_seals_and_all_open(vault_with):
    """With a list of keys, old rows stay readable and new ones use the newest."""
    old, both = vault_with(1), vault_with(2, 1)
    sealed_before = old.seal(SECRET, binding=BINDING)
    sealed_after = both.seal(SECRET, binding=BINDING)

    assert SECRET == both.open(sealed_before, binding=BINDING)
    assert SECRET == vault_with(2).open(sealed_after, binding=BINDING)
    with pytest.raises(WrongKey):
        old.open(sealed_after, binding=BINDING)


def test_tampered_is_an_error_of_the_store():
    """Whoever handles an unavailable store handles a tampered row too."""
    assert issubclass(Tampered, StoreUnavailable)
    assert ("tampered", 503) == (Tampered.code, Tampered.status)


@pytest.mark.parametrize("binding", ["secrets", ("secrets", None), (b"secrets",)])
def test_a_binding_is_a_list_of_texts(binding):
    """One text in the place of a list would be taken letter by letter: refused."""
    with pytest.raises(TypeError):
        VAULT.seal(SECRET, binding=binding)


TEXTS = st.lists(st.text(alphabet=st.characters(exclude_categories=[])), max_size=6)


@given(TEXTS, TEXTS)
def test_two_bindings_never_look_alike(one, other):
    """The canonical form is different for different lists of texts."""
    assert (one == other) == (canonical(one) == canonical(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ab", "c"), ("a", "bc")),
        (("a",), ("a", "")),
        ((), ("",)),
        (("a\0b",), ("a", "b")),
        (("é",), ("e\u0301",)),
    ],
)
def test_the_canonical_form_keeps_lists_apart(one, other):
    """Lengths and the count are part of it, and nothing is normalised."""
    assert canonical(one) != canonical(other)


GOLDEN = (
    "01010439c8080e7f7234000102030405060708090a0b1ad89e2cb5c143fd553fc73d74"
    "bb1af67aa56881096ff9cdc728ee634ebc900007c9ed41bfc65fb17dcf71df6114943a"
    "000102030405060708090a0b044c8442e893a36ee135baf9d48f0a08f0beaa409f103a"
    "121553d43c00c53bd2c684692e0dbcf3b60ab5f0"
)
