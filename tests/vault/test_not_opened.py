"""Keys that are missing, locked away, damaged or wrong: nothing opens, nothing is made."""

import threading

import pytest

from conn_core.errors import StoreLocked, Tampered, WrongKey

LOCKED = (
    "The store's key is in the system keyring, which is locked. Unlock it, "
    "or name a key file in JUPYTER_CONNECTIONS_KEY_FILE"
)


@pytest.mark.parametrize("evidence", ["checks", "rows", "both"])
@pytest.mark.parametrize("keyring", ["off", "none", "empty"])
def test_Q19_no_key_is_made_for_a_store_that_holds_secrets(
    opened, vault_with, secret_service, keyring_like, generated, evidence, keyring
):
    """Without its key a store stays closed, says what is missing, and nothing is made."""
    backends = {
        "off": secret_service,
        "none": keyring_like("keyring.backends.fail.Keyring"),
        "empty": secret_service,
    }
    checks = {} if evidence == "rows" else vault_with(1).key_checks()
    with pytest.raises(StoreLocked) as caught:
        opened(
            checks=checks,
            has_sealed_rows=evidence != "checks",
            use_keyring=keyring != "off",
            keyring=lambda: backends[keyring],
        )

    words = {
        "off": "the system keyring is switched off",
        "none": "there is no system keyring that can be trusted",
        "empty": "the system keyring (Secret Service) does not hold it",
    }
    assert (
        f"The key that sealed this store is not here: {words[keyring]} "
        f"and {generated} is missing" == caught.value.message
    )
    assert "Name its key file in JUPYTER_CONNECTIONS_KEY_FILE" == caught.value.hint
    assert StoreLocked is type(caught.value)
    assert not generated.exists()
    assert {} == secret_service.entries


def test_Q23_a_locked_keyring_closes_a_store_that_needs_it(
    opened, locked_keyring, secret_service, generated
):
    """The key is in the keyring and somebody must unlock it: exactly that is said."""
    vault = opened(use_keyring=True, keyring=lambda: secret_service)
    with pytest.raises(StoreLocked) as caught:
        opened(
            checks=vault.key_checks(),
            has_sealed_rows=True,
            use_keyring=True,
            keyring=lambda: locked_keyring,
        )

    assert LOCKED == str(caught.value)
    assert not generated.exists()


def test_Q23_a_hanging_keyring_closes_a_store_that_needs_it(
    opened, keyring_like, vault_with
):
    """The same when the keyring does not answer at all."""
    release = threading.Event()
    backend = keyring_like(
        "keyring.backends.SecretService.Keyring",
        get_password=lambda *_: release.wait(60),
    )
    with pytest.raises(StoreLocked) as caught:
        opened(
            checks=vault_with(1).key_checks(),
            use_keyring=True,
            keyring=lambda: backend,
            patience=0.05,
        )
    release.set()

    assert LOCKED == str(caught.value)


@pytest.mark.parametrize("value", ["CNRY-cut-value", "", 7, b"bytes"])
def test_Q24_a_damaged_keyring_entry_closes_a_store_that_needs_it(
    opened, keyring_like, vault_with, value
):
    """A value that is no key is named as damaged, not as missing."""
    backend = keyring_like(
        "keyring.backends.macOS.Keyring", get_password=lambda *_: value
    )
    with pytest.raises(StoreLocked) as caught:
        opened(
            checks=vault_with(1).key_checks(),
            use_keyring=True,
            keyring=lambda: backend,
        )

    assert (
        "The store's key in the system keyring (Keychain) is damaged"
        == caught.value.message
    )


def test_Q20_a_wrong_key_file_opens_nothing(opened, key_file, as_text):
    """Another key than the one that sealed the store is told before anything is done."""
    right = opened(key_file=key_file(as_text(1), name="right.key"))
    wrong = key_file(as_text(2), name="wrong.key")
    with pytest.raises(WrongKey) as caught:
        opened(key_file=wrong, checks=right.key_checks(), has_sealed_rows=True)

    assert (
        f"The key in the key file {wrong} is not the one that sealed this store"
        == caught.value.message
    )
    assert as_text(2) == wrong.read_bytes()


def test_Q20_a_wrong_generated_key_opens_nothing(opened, vault_with, generated):
    """A key file of another store, copied here, is told; it is not written over."""
    opened()
    before = generated.read_bytes()
    with pytest.raises(WrongKey, match="The key in the generated key file"):
        opened(checks=vault_with(1).key_checks())

    assert before == generated.read_bytes()


def test_Q20_wrong_keys_everywhere_are_all_named(
    opened, vault_with, secret_service, generated
):
    """Neither the keyring nor the file has the key: both are named."""
    opened(use_keyring=True, keyring=lambda: secret_service)
    opened()
    with pytest.raises(WrongKey) as caught:
        opened(
            checks=vault_with(1).key_checks(),
            use_keyring=True,
            keyring=lambda: secret_service,
        )

    assert (
        "The key in the system keyring (Secret Service) and generated key file "
        f"{generated} is not the one that sealed this store" == caught.value.message
    )


@pytest.mark.parametrize("checks", [{"": b""}, {"no hex": b""}, {"é": b""}])
def test_Q20_a_strange_key_check_is_a_wrong_key(opened, key_file, as_text, checks):
    """A check under an id that no key can have is not taken for a new store."""
    with pytest.raises(WrongKey):
        opened(key_file=key_file(as_text()), checks=checks)


@pytest.mark.parametrize("damage", ["flipped", "empty", "another", "foreign", "text"])
def test_Q16_a_damaged_key_check_is_no_wrong_key(
    opened, key_file, as_text, vault_with, damage
):
    """The right key with a changed check: the store was changed, not the key."""
    path = key_file(as_text(1))
    (kid, check), *_ = opened(key_file=path).key_checks().items()
    same_key = vault_with(1)
    changed = {
        "flipped": check[:-1] + bytes([check[-1] ^ 1]),
        "empty": b"",
        "another": same_key.seal(b"something else", binding=("key check", kid)),
        "foreign": next(iter(vault_with(2).key_checks().values())),
        "text": check.hex(),
    }
    with pytest.raises(Tampered) as caught:
        opened(key_file=path, checks={kid: changed[damage]})

    assert "The store does not belong to its key" in caught.value.message


def test_Q31_a_store_under_another_identity_does_not_open(opened, key_file, as_text):
    """Restored under another deployment id, or with the id edited: refused."""
    path = key_file(as_text())
    checks = opened(key_file=path, deployment="one").key_checks()

    with pytest.raises(Tampered):
        opened(key_file=path, deployment="two", checks=checks)
