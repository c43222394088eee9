"""What a source promises, checked: each breach is one sentence that names the dataset and the mend.

The arrays of a source become those that the rest relies on in one place, :func:`made`.
"""

import operator
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from experiments.base import UserError
from experiments.datasets.arrays import usable
from experiments.datasets.opened import opened_files
from experiments.datasets.source import Options, Shape, Source

Array = np.ndarray


def class_mistake(source: object) -> str:
    """Return what is wrong with the class of a source, or nothing; no method of it is called."""
    kind = type(source)
    here = f"the class {kind.__name__} of the source"
    if not isinstance(source, Source):
        return f"{here} is not a subclass of experiments.datasets.source.Source; make it one"
    for method in ("shape", "load"):
        if getattr(kind, method) is getattr(Source, method):
            return f"{here} has no method {method}(self, options); write it"
    if not (isinstance(source.Options, type) and issubclass(source.Options, Options)):
        return (
            f"{here} has the Options {_short(source.Options)}; they must be a subclass of "
            "experiments.datasets.source.Options"
        )
    for word in ("description", "licence", "citation"):
        if not isinstance(getattr(source, word), str):
            return f"{here} has the {word} {_short(getattr(source, word))}; it must be a text"
    return ""


def announced(name: str, source: Source, options: Options) -> Shape:
    """Return the shape that a source announces. Raises UserError."""
    shape = _asked(name, source, source.shape, options)
    where = f"dataset {name}: {type(source).__name__}.shape"
    if not isinstance(shape, Shape):
        raise UserError(
            f"{where} returned {_short(shape)}; return Shape(samples, features, classes), with "
            "classes=0 for real values"
        )
    return _checked(where, shape)


def _checked(where: str, shape: Shape) -> Shape:
    numbers: dict[str, Any] = {}
    for field in fields(Shape):
        if field.name == "split":
            continue
        value = getattr(shape, field.name)
        try:
            numbers[field.name] = operator.index(value)  # any kind of whole number, such as int8
        except TypeError:
            raise UserError(
                f"{where}: {field.name} is {_short(value)}; it must be a whole number"
            ) from None
    shape = replace(shape, **numbers)
    least = {"samples": 3, "features": 1, "targets": 1}
    for key, value in numbers.items():
        if value < (at_least := least.get(key, 0)):
            raise UserError(f"{where}: {key} is {value}; it must be {at_least} or more")
    if shape.classes == 1:
        raise UserError(
            f"{where}: classes is 1; classes are two or more (0 means that real values are learnt)"
        )
    given = (shape.train, shape.validation, shape.samples - shape.train - shape.validation)
    if any(given[:2]) and min(given) < 1:
        raise UserError(
            f"{where}: of {shape.samples} samples, train={shape.train} and "
            f"validation={shape.validation} are announced, which leaves {given[2]} for the test "
            "part; each part needs some"
        )
    return shape


def declared(name: str, source: Source, options: Options) -> list[Path]:
    """Return the files that a source declares, which are there. Raises UserError."""
    found = _called(name, source, source.files, options)
    where = f"dataset {name}: {type(source).__name__}.files"
    if isinstance(found, str | Path) or not hasattr(found, "__iter__"):
        raise UserError(f"{where} returned {_short(found)}; return a list of paths")
    paths = []
    for path in found:
        if not isinstance(path, str | Path):
            raise UserError(f"{where} holds {_short(path)}; its items must be paths")
        if not Path(path).is_file():
            raise UserError(f"{where}: {path} is not there, or is a folder; name files that exist")
        paths.append(Path(path))
    return paths


def made(name: str, source: Source, options: Options, shape: Shape) -> dict[str, Array]:
    """Return the arrays of a source, of the types that the rest relies on. Raises UserError.

    X (N, features) float, y (N,) int64 class numbers or (N, targets) float64, and perhaps "part",
    "group", "impute" and "column" (see `Source`).
    """
    arrays = _asked(name, source, source.load, options)
    if not isinstance(arrays, Mapping):
        raise UserError(
            f"dataset {name}: {type(source).__name__}.load returned {_short(arrays)}; return a "
            'dictionary of arrays, {"X": X, "y": y}'
        )
    return usable(f"dataset {name}", arrays, shape)


def _asked(name: str, source: Source, method: Callable, options: Options) -> Any:
    """Return what a method returns; refuse it if it reads a file that is not declared."""
    with opened_files() as opened:
        found = _called(name, source, method, options)
    if undeclared := opened.users_files():
        known = {os.path.realpath(path) for path in declared(name, source, options)}
        undeclared = [path for path in undeclared if os.path.realpath(path) not in known]
    if undeclared:
        raise UserError(_undeclared(name, source, undeclared))
    return found


def _undeclared(name: str, source: Source, paths: list[Path]) -> str:
    shown = [
        path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path for path in paths
    ]
    listed = ", ".join(f'Path("{path}")' for path in shown)
    new = type(source).files is Source.files
    add = (
        f"add the method  def files(self, options): return [{listed}]  to"
        if new
        else f"add {listed} to the list that `files` returns in"
    )
    return (
        f"dataset {name}: its source reads {', '.join(map(str, shown))} without declaring it, so "
        f"an edit of the file would not be noticed and old results would stay; {add} the class "
        f"{type(source).__name__} ({_module(source)})"
    )


def _called(name: str, source: Source, method: Callable, options: Options) -> Any:
    """Return what a method of a source returns; an error of its own becomes a sentence."""
    try:
        return method(options)
    except UserError:
        raise
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in at if frame.filename == _path(source)] or at
        reason = str(error).strip().splitlines()
        raise UserError(
            f"dataset {name}: {type(source).__name__}.{method.__name__} ended with "
            f"{type(error).__name__}{': ' + reason[0] if reason else ''}, in "
            f"{os.path.relpath(own[-1].filename)}, line {own[-1].lineno}; correct it there"
        ) from error


def _path(source: Source) -> str:
    """Return the file of a source's class, or nothing for one that was typed in."""
    return getattr(sys.modules.get(type(source).__module__), "__file__", None) or ""


def _module(source: Source) -> str:
    path = _path(source)
    return os.path.relpath(path) if path else type(source).__module__


def _short(value: object) -> str:
    text = " ".join(repr(value).split())
    return f"{text[:60]}..." if len(text) > 60 else text
