"""Pydantic's complaints as sentences for people, each with its path in the file."""

from typing import Any

from pydantic import BaseModel, ValidationError

from experiments.errors import ConfigError
from experiments.schema.labels import NAME_RULE
from mlp import did_you_mean


def as_config_error(
    error: ValidationError,
    where: str,
    content: Any,
    model: type[BaseModel],
    at: str | None = None,
) -> ConfigError:
    """Turn pydantic's complaints into sentences, each with its path in the config."""
    complaints = _one_for_each_place(error.errors(), content)
    if at:  # a single value: its parts have no place of their own
        complaints = complaints[:1]
    return ConfigError.of([_sentence(c, where, content, model, at) for c in complaints])


def _one_for_each_place(complaints: list[Any], content: Any) -> list[Any]:
    """Return the complaints without those that a complaint about a part of theirs explains.

    Where a value may be of several kinds, pydantic says for each kind why it is not that.
    """
    deepest = sorted(complaints, key=lambda c: -len(_path(c, content)))
    kept: list[Any] = []
    for complaint in deepest:
        path = _path(complaint, content)
        if not any(_path(other, content)[: len(path)] == path for other in kept):
            kept.append(complaint)
    return [complaint for complaint in complaints if complaint in kept]


def _sentence(
    first: Any, where: str, content: Any, model: type[BaseModel], at: str | None
) -> ConfigError:
    path = at or _join(where, _path(first, content))
    if first["type"] == "extra_forbidden":
        known = _keys_at(model, first["loc"])
        key = str(first["loc"][-1])
        return ConfigError(
            path, f"unknown key{did_you_mean(key, known)}; known: {', '.join(known)}"
        )
    found = "" if first["type"] == "missing" else f", found {short(first['input'])}"
    text = first["msg"].removeprefix("Value error, ")
    if first["type"] == "string_pattern_mismatch":
        text = f"expected {NAME_RULE}"
    return ConfigError(path, f"{text[0].lower()}{text[1:]}{found}")


def short(value: Any) -> str:
    """Return a value as a message shows it: in ASCII, 80 characters at most."""
    text = ascii(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _path(error: dict, content: Any) -> list:
    """Return the steps of a place that lead through the content, not through the schema."""
    path = []
    for step in error["loc"]:
        inside = isinstance(content, dict) and step in content
        inside |= isinstance(content, list | tuple) and isinstance(step, int)
        if inside:
            content = content[step]
            path.append(step)
    return [*path, error["loc"][-1]] if error["type"] == "missing" else path


def _join(where: str, path: list) -> str:
    for p in path:
        where = f"{where}[{p}]" if isinstance(p, int) else f"{where}.{p}" if where else str(p)
    return where


def _keys_at(model: type[BaseModel], loc: tuple) -> list[str]:
    """Return the keys allowed where an unknown one was found."""
    for step in loc[:-1]:
        field = getattr(model, "model_fields", {}).get(str(step))
        if field is None:
            continue
        for inner in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                model = inner
    return [info.alias or name for name, info in model.model_fields.items()]


def among(where: str, name: str, known: list[str], what: str) -> None:
    """Raise ConfigError if a name is not a known one; the message says the nearest and all."""
    if name not in known:
        raise ConfigError(
            where, f"{name!r} is not {what}{did_you_mean(name, known)}; known: {', '.join(known)}"
        )
