"""A program for the interpreter of a user's environment: which of the named things don't exist there.

It is run by path, isolated, and knows nothing of this package. Input: a JSON list of [module, name or null]. Output: a
line of JSON for each that doesn't exist, [module, name, the closest name or null], as soon as it is known.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import json
import os
import re
import sys
import warnings
from types import ModuleType


def main() -> None:
    """Answer what standard input asks."""
    warnings.simplefilter("ignore")
    answers = sys.stdout
    sys.stdout = sys.stderr  # what a library prints is no answer
    for module, name in json.load(sys.stdin):
        try:
            if is_written(module, name):
                continue  # most things exist, and to read that is quicker than to import it
            missing = is_missing(module, name)
            close = closest(module, name) if missing else None
        except BaseException:  # noqa: S112 - a library may fail in any way; then nothing is known
            continue
        if missing:
            # A library that writes by itself may have left a line open.
            print("\n" + json.dumps([module, name, close]), file=answers, flush=True)


def is_written(module: str, name: str | None) -> bool:
    """Whether a library's files plainly hold the module or the name; nothing of the library is run."""
    path = source_of(module)
    if path is None or name is None:
        return path is not None
    folder = os.path.dirname(path)  # noqa: PTH120 - pathlib is slower to import than this is to run
    if path.endswith("__init__.py") and (
        os.path.isfile(os.path.join(folder, f"{name}.py")) or os.path.isdir(os.path.join(folder, name))  # noqa: PTH112, PTH113, PTH118
    ):
        return True
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        text = file.read()
    word = re.escape(name)
    written = rf"^(?:(?:async )?def|class) {word}\b|^{word} *[:=]|\b(?:as|import) {word} *(?:#.*)?$"
    written += rf"|^ +{word},? *(?:#.*)?$|^ *['\"]{word}['\"] *[:,]"
    return re.search(written, text, re.MULTILINE) is not None


def source_of(module: str) -> str | None:
    """The file of a module, found without importing the packages that it lies in."""
    top, *rest = module.split(".")
    spec = importlib.util.find_spec(top)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    path = spec.origin
    for part in rest:
        if not path.endswith("__init__.py"):
            return None
        folder = os.path.join(os.path.dirname(path), part)  # noqa: PTH118, PTH120
        candidates = (os.path.join(folder, "__init__.py"), f"{folder}.py")  # noqa: PTH118
        found = next((each for each in candidates if os.path.isfile(each)), None)  # noqa: PTH113
        if found is None:
            return None
        path = found
    return path


def is_missing(module: str, name: str | None) -> bool:
    """Whether a library that is installed lacks the module, or the module the name."""
    if importlib.util.find_spec(module.partition(".")[0]) is None:
        return False
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        # It may as well be a library that this module needs and that isn't installed.
        if name is not None or error.name is None or not f"{module}.".startswith(f"{error.name}."):
            return False
        return not is_namespace(error.name.rpartition(".")[0])
    if name is None or not isinstance(found, ModuleType):
        return False
    try:
        getattr(found, name)
    except (AttributeError, ImportError):
        return not is_module(module, name) and not is_declared(found, name)
    return False


def is_namespace(package: str) -> bool:
    """Whether several libraries may put modules into a package, so that another may bring what is missing."""
    return getattr(sys.modules.get(package), "__file__", "") is None


def is_module(module: str, name: str) -> bool:
    """Whether the name is a module that lies in a package."""
    try:
        return importlib.util.find_spec(f"{module}.{name}") is not None
    except ModuleNotFoundError:
        return False


def is_declared(module: ModuleType, name: str) -> bool:
    """Whether the source binds the name somewhere, for type checkers say."""
    with open(str(module.__file__), encoding="utf-8") as file:  # noqa: PTH123 - a string is what a module has
        tree = ast.parse(file.read())
    return any(
        name in (getattr(node, "id", None), getattr(node, "name", None), getattr(node, "asname", None))
        for node in ast.walk(tree)
        if not isinstance(getattr(node, "ctx", None), ast.Load)
    )


def closest(module: str, name: str | None) -> str | None:
    """The name in a module that was probably meant."""
    if name is None:
        return None
    import difflib  # only a missing name needs it

    names = [found for found in dir(importlib.import_module(module)) if not found.startswith("_")]
    return next(iter(difflib.get_close_matches(name, names, n=1)), None)


if __name__ == "__main__":
    main()
