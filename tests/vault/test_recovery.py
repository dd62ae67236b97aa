"""The recovery code: 56 letters that a person can write down and type again."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conn_core import Secret
from conn_core.errors import InvalidInput
from conn_core.vault import recovered, recovery_code

KEYS = st.binary(min_size=32, max_size=32)


@given(KEYS)
def test_F63_a_code_brings_its_key_back(key):
    """For every key there is."""
    code = recovery_code(key)
    assert re.fullmatch(r"([A-Z2-7]{4}-){13}[A-Z2-7]{4}", code.reveal())
    assert key == recovered(code)


@given(KEYS)
def test_F63_case_spaces_and_look_alikes_do_not_matter(key):
    """People write zero for O, and leave the hyphens out."""
    text = recovery_code(key).reveal()
    assert key == recovered(Secret(text.lower().replace("-", " ").replace("o", "0")))
    assert key == recovered(Secret(f" {text.replace('-', '').replace('B', '8')}\n"))


@given(KEYS, st.integers(0, 55), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_F63_one_wrong_letter_is_noticed(key, place, letter):
    """And nothing that was typed is said again."""
    letters = recovery_code(key).reveal().replace("-", "")
    wrong = letters[:place] + letter + letters[place + 1 :]
    if wrong == letters:
        return
    with pytest.raises(
        InvalidInput, match="checksum of this recovery code is wrong"
    ) as e:
        recovered(Secret(wrong))
    assert wrong not in str(e.value)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "has 56 letters and digits, and this has 0"),
        ("AAAA-BBBB", "this has 8"),
        ("Ä" * 56, "only letters and the digits 2 to 7"),
        ("A" * 55 + "=", "checksum of this recovery code is wrong"),
        ("A" * 56, "checksum of this recovery code is wrong"),
    ],
)
def test_F63_what_is_no_code_is_said_plainly(typed, words):
    """How long it is, or what stands in it that cannot be there."""
    with pytest.raises(InvalidInput, match=words):
        recovered(Secret(typed))


def test_Q18_a_code_is_not_shown_by_accident():
    """It is the key itself."""
    assert "AAAA" not in repr(recovery_code(bytes(32)))
