"""The references' own Python blocks, run: those of a page make one module, and its `test_…` functions are run here.

Blocks that stand for template code are compared with it by the validator's rule EX001, and run by the template's tests.
"""

import sys
from pathlib import Path
from types import ModuleType

from fastapi_expert.pack.documents import Document, Page
from fastapi_expert.pack.reading import read_pack

ROOT = Path(__file__).resolve().parents[2]


def module_of(page: Document) -> ModuleType | None:
    """Run a page's own Python blocks as one module, each at its lines of the page so that a traceback names them."""
    of_the_template = {excerpt.fence.line for excerpt in page.excerpts if excerpt.fence}
    own = [fence for fence in page.markdown.fences if fence.info == "python" and fence.line not in of_the_template]
    if not own:
        return None
    code = ""
    for fence in own:
        code += "\n" * (fence.line - code.count("\n")) + fence.content
    module = ModuleType(f"reference_{page.source.path.stem.replace('-', '_')}")
    sys.modules[module.__name__] = module  # where SQLAlchemy looks up what a model's annotations name
    exec(compile(code, str(page.source.path), "exec"), module.__dict__)
    return module


def proofs_of(module: ModuleType) -> dict[str, object]:
    """The module's tests, by names that say which page they are of."""
    return {
        name.replace("test_", f"test_{module.__name__}_", 1): value
        for name, value in vars(module).items()
        if name.startswith("test_")
    }


MODULES = [module for page in read_pack([ROOT / "skills"]).all(Page) if (module := module_of(page))]
for each in MODULES:
    globals().update(proofs_of(each))


def test_every_page_with_code_tests_it() -> None:
    assert len(MODULES) >= 6
    assert [module.__name__ for module in MODULES if not proofs_of(module)] == []
