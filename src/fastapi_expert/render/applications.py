"""The FastAPI applications of a project: in which files they are made, and from where those are imported."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from fastapi_expert.render.changes import TargetError
from fastapi_expert.render.patterns import PROJECT_RULES, Home

# Folders whose applications are not the project's own.
ELSEWHERE = {
    *("node_modules", "site-packages", "venv", "env", "build", "dist", "migrations", "alembic"),
    *("test", "tests", "testing", "docs", "docs_src", "example", "examples", "samples", "benchmarks", "scripts"),
}
DEFAULT_LINE_LENGTH = 88  # of ruff and black
_RUFF_SETTINGS = (
    *("indent-width", "format.quote-style", "format.indent-style", "format.skip-magic-trailing-comma"),
    *PROJECT_RULES,
)
PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt")
_MADE = re.compile(rb"\bFastAPI\s*\(")


@dataclass(frozen=True)
class Application:
    """Where an application is made.

    Attributes:
        path: the file, relative to the project's root.
        variable: what it is called there; empty when it has no name.
        function: the function that makes it; empty when the module does.
        fault: why the file can't be read, or empty.
    """

    path: PurePosixPath
    variable: str
    function: str = ""
    fault: str = ""


def find_applications(root: Path) -> list[Application]:
    """Find the applications of a project: the one that `[tool.fastapi]` names, or else all.

    Raises:
        TargetError: `pyproject.toml` can't be read.
    """
    entrypoint = tool_tables(root).get("fastapi", {}).get("entrypoint")
    if isinstance(entrypoint, str):
        module, _, _ = entrypoint.partition(":")
        for place in (f"{module.replace('.', '/')}.py", f"src/{module.replace('.', '/')}.py"):
            if (root / place).is_file() and (named := _made_in(root, root / place)):
                return named
    return [application for file in _modules(root) for application in _made_in(root, file)]


def _modules(folder: Path) -> Iterator[Path]:
    try:
        paths = sorted(folder.iterdir())
    except OSError:  # not ours to read
        return
    for path in paths:
        if path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_dir():
            if path.name not in ELSEWHERE and not (path / "pyvenv.cfg").exists():
                yield from _modules(path)
        elif _is_module(path):
            yield path


def _is_module(path: Path) -> bool:
    is_test = path.name.startswith("test_") or path.name == "conftest.py"
    return path.suffix == ".py" and not is_test and path.is_file()  # a pipe would be waited for


def _made_in(root: Path, file: Path) -> list[Application]:
    try:
        source = file.read_bytes()
    except OSError:
        return []
    if not _MADE.search(source):
        return []
    path = PurePosixPath(file.relative_to(root).as_posix())
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError) as error:
        return [Application(path, "", fault=f"line {getattr(error, 'lineno', 1)} can't be read: {error.args[0]}")]
    names = _names_of_fastapi(tree)
    found = [Application(path, variable) for variable in _assigned(tree.body, names)]
    for function in tree.body:
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            found += [Application(path, variable, function.name) for variable in _assigned(function.body, names)]
    if not found and any(_makes_one(node, names) for node in ast.walk(tree)):
        found.append(Application(path, ""))
    return found


def _names_of_fastapi(tree: ast.Module) -> set[str]:
    names = {"fastapi.FastAPI"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "fastapi":
            names |= {alias.asname or alias.name for alias in node.names if alias.name == "FastAPI"}
        elif isinstance(node, ast.Import):
            names |= {f"{alias.asname}.FastAPI" for alias in node.names if alias.name == "fastapi" and alias.asname}
    return names


def _assigned(body: Iterable[ast.stmt], names: set[str]) -> Iterator[str]:
    for statement in body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=variable)], value=value) if _makes_one(value, names):
                yield variable
            case ast.AnnAssign(target=ast.Name(id=variable), value=ast.Call() as value) if _makes_one(value, names):
                yield variable


def _makes_one(node: ast.AST, names: set[str]) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) in names


def home_of(root: Path, applications: Iterable[Application], package: str | None) -> Home:
    """Choose where patterns go.

    Args:
        root: the project.
        applications: those that it has.
        package: the dotted package that was asked for; a dot for modules that lie beside each other.

    Raises:
        TargetError: no place, or more than one, could be meant.
    """
    found = list(applications)
    files = {application.path for application in found}
    if package is None:
        if len(files) != 1:
            places = f"there are {len(files)}: {', '.join(map(str, sorted(files)[:5]))}" if files else "there is none"
            raise TargetError(
                f"{root}: can't tell which FastAPI application is meant, {places}; say --package NAME, where NAME is "
                "the package that the files go into (a dot when there is none)"
            )
        source, name = _imported_as(root, found[0].path)
    elif package == ".":
        source, name = PurePosixPath(), ""
    else:
        source, name = _source_of(root, package, found), package
    return Home(source, name, _tests_of(root, project_of(root, source), flat=not name))


def application_in(home: Home, applications: Iterable[Application]) -> Application | None:
    """Give the application that is to use the patterns; None where several or none could be meant.

    Who names a package means the one that is made in it, before those of the packages inside.
    """
    found = list(applications)
    inside = [application for application in found if application.path.is_relative_to(home.folder)]
    beside = [application for application in inside if application.path.parent == home.folder]
    candidates = beside or inside or found
    return candidates[0] if len(candidates) == 1 else None


def as_imported_by(root: Path, module: PurePosixPath, home: Home) -> Home:
    """Give the place of the patterns as a module outside of the application imports it, by its other imports."""
    source = _source_by_imports(root, project_of(root, module.parent), module)
    if source is None or not home.folder.is_relative_to(source):
        return home
    return Home(source, ".".join(home.folder.relative_to(source).parts), home.tests)


def project_of(root: Path, folder: PurePosixPath) -> PurePosixPath:
    """Give the folder of the project that a folder is part of: the nearest with a file that only projects have."""
    for place in (folder, *folder.parents):
        if any((root / place / name).is_file() for name in PROJECT_FILES):
            return place
    return PurePosixPath()


def _imported_as(root: Path, module: PurePosixPath) -> tuple[PurePosixPath, str]:
    """Tell from which folder a module is imported, and in which package the files beside it go."""
    folder = module.parent
    project = project_of(root, folder)
    source = _source_by_imports(root, project, module)
    if source is None and (root / folder / "__init__.py").is_file():
        source = _outside_of(root, folder)
    if source is None:
        source = project / "src" if folder.is_relative_to(project / "src") else project
    parts = folder.relative_to(source).parts
    while any(not part.isidentifier() for part in parts):  # such a folder can't be a package
        source, parts = source / parts[0], parts[1:]
    if parts and parts[-1] == "core":  # the files bring a folder of that name
        parts = parts[:-1]
    return source, ".".join(parts)


def _source_by_imports(root: Path, project: PurePosixPath, module: PurePosixPath) -> PurePosixPath | None:
    """Choose the folder from which most of a module's own imports are found; the outermost where several do."""
    folder = module.parent
    candidates = [place for place in (folder, *folder.parents) if place.is_relative_to(project)]
    names = _absolute_imports(root / module)
    counts = {place: sum(_is_there(root / place, name) for name in names) for place in reversed(candidates)}
    best = max(counts, key=lambda place: counts[place])
    return best if counts[best] else None


def _absolute_imports(file: Path) -> set[str]:
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return set()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name for name in names if name.split(".")[0] not in sys.stdlib_module_names}


def _is_there(source: Path, name: str) -> bool:
    place = source.joinpath(*name.split("."))
    return place.is_dir() or place.with_suffix(".py").is_file()


def _outside_of(root: Path, package: PurePosixPath) -> PurePosixPath:
    """The folder that holds the outermost package around this one."""
    while package.parts and (root / package / "__init__.py").is_file():
        package = package.parent
    return package


def _source_of(root: Path, package: str, applications: Iterable[Application]) -> PurePosixPath:
    parts = package.split(".")
    if not all(part.isidentifier() for part in parts):
        raise TargetError(f"--package {package}: a package is named by its dotted name, such as shop.api")
    sources = [_imported_as(root, application.path)[0] for application in applications]
    for source in (*sources, PurePosixPath("src"), PurePosixPath()):
        if (root / source / parts[0]).is_dir():
            return source
    raise TargetError(f"{root} has no package {parts[0]}, nor has its folder src: name one that exists")


def _tests_of(root: Path, project: PurePosixPath, *, flat: bool) -> PurePosixPath:
    tests = project / ("test" if (root / project / "test").is_dir() else "tests")
    # Beside a package `core` of the same rank, the tests must have another name.
    names = ("test_core",) if flat else ("core", "test_core")
    free = (tests / name for name in names if _can_take_tests(root / tests / name))
    return next(free, tests / names[-1])


def _can_take_tests(folder: Path) -> bool:
    return not folder.exists() or (folder / "__init__.py").is_file()


def ruff_settings(root: Path, home: Home) -> dict[str, object]:
    """Read how a project lays out its Python, as the settings of ruff that say the same.

    Raises:
        TargetError: its `pyproject.toml` or `ruff.toml` can't be read.
    """
    project = root / project_of(root, home.source)
    settings = tool_tables(project).get("ruff", {})
    for name in ("ruff.toml", ".ruff.toml"):
        settings = settings or _read(project / name)
    length = settings.get("line-length") or tool_tables(project).get("black", {}).get("line-length")
    found: dict[str, object] = {
        "line-length": length if isinstance(length, int) else DEFAULT_LINE_LENGTH,
        "lint.isort.known-first-party": [(home.package or "core").split(".")[0]],
    }
    for key in _RUFF_SETTINGS:
        value: object = settings
        for step in key.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, str | bool | int | list):
            found[key] = value
    return found


def tool_tables(folder: Path) -> dict[str, dict[str, Any]]:
    """Read the tables `[tool.…]` of a folder's `pyproject.toml`, by name.

    Raises:
        TargetError: it can't be read.
    """
    tools = _read(folder / "pyproject.toml").get("tool", {})
    return {name: table for name, table in tools.items() if isinstance(table, dict)} if isinstance(tools, dict) else {}


def _read(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8"))
    except (OSError, ValueError) as error:
        raise TargetError(f"{file}: can't be read as TOML: {error}") from error
