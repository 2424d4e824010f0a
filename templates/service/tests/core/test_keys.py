"""What names a row."""

import pytest

from app.core.keys import parse_key
from tests.service import NO_KEYS, NOBODYS_KEY


def test_a_key_that_was_written_is_read_again() -> None:
    assert parse_key(str(NOBODYS_KEY)) == NOBODYS_KEY


@pytest.mark.parametrize("text", [*NO_KEYS, "", "1.5", str(2**63)])
def test_a_text_that_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_key(text)
