"""The page that lists the gotchas says what the proofs say."""

from tests.proofs.table import PAGE, claims, page


def test_the_page_is_what_the_proofs_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python3 dev.py python -m tests.proofs.table"


def test_each_claim_says_what_to_do() -> None:
    assert [claim.id for claim in claims() if ";" not in claim.truth] == []
