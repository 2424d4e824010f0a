"""PF: every gotcha has its proof and every proof its gotcha."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi_expert.lint.finding import Fault
from fastapi_expert.lint.house import house_packs
from fastapi_expert.lint.rule import rule
from fastapi_expert.lint.samples import SKILL, house
from fastapi_expert.pack.documents import Document, ProofFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi_expert.pack.reading import Pack

_PROOFS = "tests/proofs/test_greeting.py"
_PROOF = "def test_gr_01_a_name_may_be_empty() -> None:\n    assert greet('')\n"
_GOTCHA = "\n- **GR-01** A name may be empty.\n"


def _proved_packs(pack: Pack) -> Iterator[Pack]:
    """The house packs that lie with their tests; an installed pack comes without."""
    for part in house_packs(pack):
        if (part.roots[0] / "tests").is_dir():
            yield part


@rule(
    "PF001",
    "error",
    wrong=house(skill=SKILL + _GOTCHA) | {_PROOFS: "def test_greeting() -> None:\n    assert greet('')\n"},
    right=house(skill=SKILL + _GOTCHA) | {_PROOFS: _PROOF},
)
def gotcha_without_proof(pack: Pack) -> Iterator[Fault]:
    """A gotcha has a proof: a test whose name holds its id.

    What broke once may work in the next release. The proof fails then, and the gotcha goes.
    """
    for part in _proved_packs(pack):
        proven = {proof.id for file in part.all(ProofFile) for proof in file.proofs}
        for document in part.asked(Document):
            for gotcha in document.gotchas:
                if gotcha.id not in proven:
                    name = f"test_{gotcha.id.lower().replace('-', '_')}_…"
                    yield Fault(
                        document.source, gotcha.start, f"{gotcha.id} has no proof", f"write `{name}` in tests/proofs/"
                    )


@rule(
    "PF002",
    "error",
    wrong=house() | {_PROOFS: _PROOF},
    right=house(skill=SKILL + _GOTCHA) | {_PROOFS: _PROOF},
)
def proof_without_gotcha(pack: Pack) -> Iterator[Fault]:
    """A proof has a gotcha in some skill.

    A proof that no skill mentions proves what nobody is told, or its gotcha's id has changed.
    """
    for part in _proved_packs(pack):
        files = [file for file in part.asked(ProofFile) if file.proofs]
        told = {gotcha.id for document in part.all(Document) for gotcha in document.gotchas} if files else set()
        for file in files:
            for proof in file.proofs:
                if proof.id not in told:
                    help_ = f"start a list item of a skill with `**{proof.id}**`, or delete the test"
                    yield Fault(file.source, proof.start, f"no skill has the gotcha {proof.id}", help_)


@rule(
    "PF003",
    "error",
    wrong=house(skill=SKILL + _GOTCHA + "- **GR-01** A name may be long.\n") | {_PROOFS: _PROOF},
    right=house(skill=SKILL + _GOTCHA) | {_PROOFS: _PROOF},
)
def repeated_gotcha(pack: Pack) -> Iterator[Fault]:
    """A gotcha's id stands for one gotcha.

    Two gotchas with one id share a proof, so one of them has none.
    """
    for part in _proved_packs(pack):
        first: dict[str, str] = {}
        for document in part.asked(Document):
            for gotcha in document.gotchas:
                line = document.source.position(gotcha.start)[0]
                if gotcha.id in first:
                    message = f"{gotcha.id} stands for another gotcha in {first[gotcha.id]}"
                    yield Fault(document.source, gotcha.start, message, "give it the next free number")
                else:
                    first[gotcha.id] = f"{document.source.path.relative_to(document.root)}:{line}"
