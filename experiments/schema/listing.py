"""What a config may name: every component by family with its formula, and every dataset."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

from pydantic.fields import FieldInfo

import mlp
from experiments.base import UserError, aligned, counted, plural
from experiments.datasets import DATASETS
from mlp import Registry, did_you_mean


def families() -> dict[str, Registry]:
    """Return the registries of components by the word that `list` takes, found and not listed."""
    found = {v.family: v for v in vars(mlp).values() if isinstance(v, Registry)}
    return {_plural(name): registry for name, registry in found.items()}


def _plural(name: str) -> str:
    """Return the plural of a family.

    >>> _plural("penalty"), _plural("bias initializer")
    ('penalties', 'bias-initializers')
    """
    name = name.replace(" ", "-")
    return plural(name)


def describe_components(family: str | None = None) -> Iterator[str]:
    """Yield every component by family, with its equation's number and formula.

    Raises UserError for a family that is not known.
    """
    known = families()
    if family is not None and family not in known:
        words = [*known, "datasets"]
        raise UserError(
            f"unknown family {family!r}{did_you_mean(family, words)}; known: {', '.join(words)}"
        )
    for number, name in enumerate([family] if family else known):
        if number:
            yield ""
        yield name
        rows = [_component(n, component) for n, component in known[name].items()]
        yield from aligned(rows)


def _component(name: str, component: Any) -> tuple[str, str, str]:
    """Return a component's name, equation and formula, or else the first line of its text."""
    text = (inspect.getdoc(component) or "").split("\n", 1)[0]
    equation = getattr(component, "equation", "") or _equation(text)
    return name, equation, getattr(component, "formula", "") or text


def _equation(text: str) -> str:
    """Return the numbers of the note's equations that a text names.

    >>> _equation("Let η(i) fall, (23): linear"), _equation("Biases 0."), _equation("(1998)")
    ('(23)', '', '')
    """
    found = re.search(r"\(\d{1,2}\)(-\(\d{1,2}\))?", text)
    return found[0] if found else ""


def describe_datasets() -> Iterator[str]:
    """Yield every source of data: its size, classes, options, where it comes from, its licence."""
    for number, (name, source) in enumerate(DATASETS.items()):
        if number:
            yield ""
        yield f"{name}: {source.description or inspect.getdoc(source).splitlines()[0]}"
        yield f"  {_size(source)}"
        for key, field in source.Options.model_fields.items():
            default = "needed" if field.is_required() else f"default {_default(field)}"
            yield f"  option {key}: {field.description or ''} ({default})"
        for word in ("citation", "licence"):
            if text := getattr(source, word):
                yield f"  {word}: {text}"


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    return repr(value) if isinstance(value, str | list | tuple | dict) else str(value)


def _size(source: Any) -> str:
    try:
        shape = source.shape(source.Options())
    except (ValueError, OSError, UserError):
        return "size and classes depend on its options"
    values = f"{counted(shape.targets, 'value')} to predict"
    what = counted(shape.classes, "class") if shape.classes else values
    return f"{counted(shape.samples, 'sample')}, {counted(shape.features, 'feature')}, {what}"
