"""The code that a command runs: its import closure, read from the source and never listed by hand.

A closure begins at a module, or at one function of it (`experiments.__main__:tables`: its own
imports and those of the functions that it names; not its decorators, which say a command's
options). It holds every module of the project that these
import, at any depth and also inside functions, every module of a package that finds its modules by
itself (`iter_modules`), and the files next to a module that the module names (a template, a style,
a YAML file). Of the packages around an imported module only the `__init__` itself counts; a name
that it passes on (`from mlp import ACTIVATIONS`) leads to the module that the name comes from.

The digest is taken from the syntax trees without docstrings: comments, layout and the times of
files change nothing, so that a `touch`, a copy or a branch switched to and fro redoes nothing.
"""

import ast
import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from experiments.base.errors import UserError
from experiments.base.identity import canonical, digest

ROOT = Path(__file__).parents[2]
Importing = ast.Import | ast.ImportFrom
PACKAGES = ("mlp", "experiments", "reports")
KEPT = Path(".snakemake/closures.json")
"""What was read from each source, by its checksum: parsing all sources takes a second."""
READER = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]
"""Another version of this file may read the same source in another way."""


@dataclass(frozen=True)
class Source:
    """What matters of a source: its digest, the names that it imports, the texts in it."""

    digest: str
    at_top: list[str]
    inside: list[str]
    finds: bool
    texts: list[str]


def code(*roots: str) -> str:
    """Return the digest of the closure of some modules, or of functions as MODULE:FUNCTION."""
    return digest(canonical(parts(*roots)))


def modules(*roots: str) -> list[str]:
    """Return the modules of a closure; the files next to them are left out."""
    return [_module(ROOT / name) for name in parts(*roots) if name.endswith(".py")]


def parts(*roots: str) -> dict[str, str]:
    """Return the files of a closure, and MODULE:FUNCTION for its roots, with their digests."""
    found: dict[str, str] = {}
    waiting: list[tuple[str, bool]] = []
    for root in roots:
        module, _, function = root.partition(":")
        if function:
            source = _function(module, function)
            found[root] = source.digest
            waiting += _named(source.inside)
        else:
            waiting.append((module, True))
    done: set[tuple[str, bool]] = set()
    while waiting:
        name, whole = waiting.pop()
        if (name, whole) in done:
            continue
        done.add((name, whole))
        path = _path(name)
        source = _source(path)
        found[_relative(path)] = source.digest
        found |= {_relative(file): _sha256(file) for file in _files(path, source)}
        if whole:
            waiting += _named([*source.at_top, *source.inside])
        if whole and source.finds:
            waiting += [(_module(p), True) for p in sorted(path.parent.glob("*.py"))]
        waiting += [(package, False) for package in _packages_around(name)]
    return dict(sorted(found.items()))


def remembered(what: str, paths: Iterable[Path], read: Callable[[], Any]) -> Any:
    """Return what `read` reads from some sources, as JSON can hold it; kept until one changes."""
    content = [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in paths]
    key = f"{what} {digest(canonical([content, READER]))}"
    if key not in _kept():
        _kept()[key] = read()
    return _kept()[key]


def save() -> None:
    """Keep what was read from the sources for the next start, where that is possible."""
    text = json.dumps(_kept())
    try:
        if KEPT.parent.is_dir() and (not KEPT.exists() or KEPT.read_text("utf-8") != text):
            temporary = KEPT.with_suffix(".part")
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(KEPT)
    except OSError:
        return  # a folder that cannot be written to: the next start reads the sources again


@cache
def _kept() -> dict[str, Any]:
    try:
        kept = json.loads(KEPT.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _kept_source(key: str, read: Callable[[], Source]) -> Source:
    """Return what is kept of a source under a key; read it if there is nothing, or no source."""
    try:
        return Source(**_kept()[key])
    except (LookupError, TypeError):
        source = read()
        _kept()[key] = asdict(source)
        return source


@cache
def _source(path: Path) -> Source:
    stub = path.with_suffix(".pyi")  # a lazy face: its stub says where each name is from
    key = f"{_relative(path)} {_sha256(path)} {_sha256(stub) if stub.is_file() else ''} {READER}"
    return _kept_source(key, lambda: _read(path, stub))


def _read(path: Path, stub: Path) -> Source:
    tree = without_docstrings(_parsed(path))
    package = _module(path) if path.name == "__init__.py" else _module(path).rpartition(".")[0]
    body = [*tree.body, *(_parsed(stub).body if stub.is_file() else [])]
    at_top = sorted(_imports(body, package, deep=False))
    nodes = list(ast.walk(tree))
    return Source(
        digest(ast.dump(tree)),
        at_top,
        sorted(set(_imports(tree.body, package)) - set(at_top)),
        any(isinstance(n, ast.Name) and n.id == "iter_modules" for n in nodes),
        sorted(set(filter(None, map(_file_name, nodes)))),
    )


def _file_name(node: ast.AST) -> str:
    """Return the text of a constant that may name a file, else an empty text."""
    text = node.value if isinstance(node, ast.Constant) else None
    return text if isinstance(text, str) and "." in text and _short(text) else ""


def _short(text: str) -> bool:
    return len(text) < 60 and "\n" not in text


def _function(module: str, name: str) -> Source:
    """Return a function with the functions of its module that it names, in turn, as one source."""
    key = f"{module}:{name} {_sha256(_path(module))} {READER}"
    return _kept_source(key, lambda: _read_function(module, name))


def _read_function(module: str, name: str) -> Source:
    tree = without_docstrings(_parsed(_path(module)))
    functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
    for node in functions.values():
        node.decorator_list = []  # they say the options of a command
    if name not in functions:
        raise UserError(f"{module} has no function {name}")
    mine, waiting, named = {}, [name], set()
    while waiting:
        node = functions[waiting.pop()]
        mine[node.name] = node
        named |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        waiting += sorted(named & functions.keys() - mine.keys())
    imports = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    needed = [_only(n, named) for n in imports]
    body = [*(n for n in needed if n.names), *(mine[name] for name in sorted(mine))]
    package = module.rpartition(".")[0]
    return Source(
        digest("\n".join(map(ast.dump, body))), [], sorted(_imports(body, package)), False, []
    )


def _only(node: Importing, named: Collection[str]) -> Importing:
    """Return an import of no more than some names."""
    names = [a for a in node.names if (a.asname or a.name).split(".")[0] in named]
    if isinstance(node, ast.Import):
        return ast.Import(names)
    return ast.ImportFrom(node.module, names, node.level)


def without_docstrings(tree: ast.Module) -> ast.Module:
    """Return the tree without docstrings and other bare texts."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
            node.body = [  # type: ignore[attr-defined]
                n for n in body if not _is_text(n)
            ] or [ast.Pass()]
    return tree


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _imports(body: Iterable[ast.AST], package: str, deep: bool = True) -> Iterator[str]:
    """Yield the dotted names that statements import, A.B for `from A import B` too.

    What only a type checker imports does not count.
    """
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            yield from _imports(node.orelse, package, deep)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            near = package.rsplit(".", node.level - 1)[0] if node.level else ""
            base = ".".join(filter(None, (near, node.module)))
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif deep or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _imports(ast.iter_child_nodes(node), package, deep)


def _named(names: Iterable[str]) -> list[tuple[str, bool]]:
    """Return the project's modules that imported names mean, and whether to follow their imports.

    A package that only passes a name on is not followed, but the module that the name is from is.
    """
    return [found for name in names if name.split(".")[0] in PACKAGES for found in _meant(name)]


@cache
def _meant(name: str) -> list[tuple[str, bool]]:
    module, attribute = name, ""
    while _find(module) is None and "." in module:
        module, _, attribute = module.rpartition(".")
    source = _source(_path(module))
    origins = [n for n in source.at_top if attribute and n.endswith(f".{attribute}")]
    passed_on = _path(module).name == "__init__.py" and not source.finds and bool(origins)
    return [(module, not passed_on), *(_named(origins) if passed_on else [])]


def _packages_around(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def _files(path: Path, source: Source) -> list[Path]:
    """Return the files next to a module that it names."""
    named = (path.parent / text for text in source.texts)
    return [file for file in named if file.suffix != ".py" and file.is_file()]


@cache
def _find(name: str) -> Path | None:
    stem = ROOT.joinpath(*name.split("."))
    choices = (stem / "__init__.py", stem.with_name(f"{stem.name}.py"))
    return next((path for path in choices if path.is_file()), None)


def _path(name: str) -> Path:
    path = _find(name)
    if path is None:
        raise UserError(f"there is no module {name} in {ROOT}")
    return path


def _module(path: Path) -> str:
    inside = path.relative_to(ROOT).with_suffix("")
    return ".".join(inside.parts[:-1] if inside.name == "__init__" else inside.parts)


def _parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise UserError(f"{path}, line {error.lineno}: {error.msg}") from None


@cache
def _relative(path: Path) -> str:
    return path.resolve().relative_to(ROOT).as_posix()


@cache
def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
