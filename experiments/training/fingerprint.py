"""Which source a result depends on: the numeric core and the components that it names.

The fingerprint is taken from the syntax tree without docstrings and ONNX forms, so comments,
layout and export change nothing. A registered component counts for the runs that name it, the
file of the defects for the runs that have one; everything else in `mlp` counts for all runs.
NumPy's version belongs to it, SciPy's for the runs that use its products, the processor does not.
"""

import ast
import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

import mlp
from experiments.base import canonical, closure, digest
from experiments.training.fields import FIELDS, component_names
from experiments.training.metrics import metric_file
from mlp.products import at_once

SOURCE = Path(mlp.__file__).parent
NOT_NUMERIC = {"__init__.py", "registry.py", "fitting.py", "checks.py", "saving.py"}
ALSO_NUMERIC = tuple(
    Path(__file__).parent / name for name in ("dealing.py", "splits.py", "replicas.py")
)
DEFECTS_SOURCE = Path(__file__).parent / "defects.py"
CHOICE = tuple(Path(__file__).parent / name for name in ("choosing.py", "drawing.py"))


@lru_cache(maxsize=1)
def _source() -> tuple[str, dict[str, str]]:
    """Return the digest of the core and of each component, by 'FAMILY.name'."""
    numeric = sorted(p for p in SOURCE.glob("*.py") if p.name not in NOT_NUMERIC)
    paths = [*numeric, *ALSO_NUMERIC]
    core, components = closure.remembered(
        "the numeric core", [*paths, Path(__file__)], lambda: _read_source(paths)
    )
    return core, components


def _read_source(paths: Iterable[Path]) -> tuple[str, dict[str, str]]:
    core, components = hashlib.sha256(), {}
    for path in paths:
        module = _what_trains(path)
        registered = {}
        for node in module.body:
            name = _registered_as(node)
            if name:
                registered[name] = node
            elif not isinstance(node, ast.Import | ast.ImportFrom):
                core.update(ast.dump(node).encode())
        for name, node in registered.items():
            components[name] = _digest(_with_relatives(node, registered.values()))
    return core.hexdigest(), components


def _what_trains(path: Path) -> ast.Module:
    """Return a module without docstrings and without the ONNX forms of classes, for export only."""
    module = closure.without_docstrings(ast.parse(path.read_text(encoding="utf-8")))
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            node.body = [n for n in node.body if getattr(n, "name", "") != "onnx"]
    return module


def _registered_as(node: ast.stmt) -> str | None:
    """Return 'FAMILY.name' of a node under `@FAMILY.register("name")`."""
    for decorator in getattr(node, "decorator_list", []):
        match decorator:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=family), attr="register"),
                args=[ast.Constant(value=str(name))],
            ):
                return f"{family}.{name}"
    return None


def _with_relatives(node: ast.stmt, others: Iterable[ast.stmt]) -> list[ast.stmt]:
    """Return the node and, in turn, every other component of its module that it names."""
    by_name = {other.name: other for other in others}
    found, waiting = {}, [node]
    while waiting:
        current = waiting.pop()
        if current.name not in found:
            found[current.name] = current
            names = {n.id for n in ast.walk(current) if isinstance(n, ast.Name)}
            waiting += [by_name[name] for name in names & by_name.keys()]
    return [found[name] for name in sorted(found)]


def _digest(nodes: Iterable[ast.stmt]) -> str:
    return digest("\n".join(map(ast.dump, nodes)))


def core_fingerprint() -> str:
    """Return the digest of the numeric core."""
    return _source()[0]


def component_fingerprint(family: str, name: str) -> str:
    """Return the digest of one component, such as ("ACTIVATIONS", "tanh").

    A component registered outside the package's own files belongs to no file read here, and
    has the digest "elsewhere".
    """
    return _source()[1].get(f"{family}.{name}", "elsewhere")


@lru_cache(maxsize=64)
def _file_fingerprint(path: Path) -> str:
    """Return the digest of a source of its own, such as that of the defects."""
    module = closure.without_docstrings(ast.parse(path.read_text(encoding="utf-8")))
    return _digest(module.body)


def defects_fingerprint() -> str:
    """Return the digest of the source of the defects."""
    return _file_fingerprint(DEFECTS_SOURCE)


@lru_cache(maxsize=1)
def choice_fingerprint() -> str:
    """Return the digest of the source that decides which confirming runs there are."""
    modules = [
        closure.without_docstrings(ast.parse(path.read_text(encoding="utf-8"))) for path in CHOICE
    ]
    return _digest([node for module in modules for node in module.body])


COMPONENT_FIELDS = {field.name: field.family for field in FIELDS if field.family}
"""The registry that each field of a run's spec takes its names from."""


@lru_cache(maxsize=8)
def _version(package: str) -> str:
    return metadata.version(package)  # read from the disk


def sources(spec: Mapping[str, Any]) -> dict[str, str]:
    """Return the digests of the code that a run's result depends on, by name."""
    found = {"the numeric core": core_fingerprint(), "NumPy": np.__version__}
    if at_once(spec["sizes"]):
        found["SciPy"] = _version("scipy")
    for field, family in COMPONENT_FIELDS.items():
        for name in component_names(spec[field]):
            found[f"{field} {name}"] = component_fingerprint(family, name)
    for name in spec["metrics"]:
        found[f"the metric {name}"] = _file_fingerprint(metric_file(name))
    if spec["metrics"]:
        found["scikit-learn"] = _version("scikit-learn")
    if spec["defects"]:
        found["the defects"] = defects_fingerprint()
    return found


def run_fingerprint(spec: Mapping[str, Any]) -> str:
    """Return the digest of all the source that the result of a run depends on."""
    return _of_sources(tuple(sources(spec).items()))


@lru_cache(maxsize=1024)
def _of_sources(found: tuple[tuple[str, str], ...]) -> str:
    """Return one digest of some; most of a sweep's runs have the same."""
    return digest(canonical(dict(found)))
