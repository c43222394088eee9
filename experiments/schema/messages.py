"""Pydantic's complaints as sentences for people, each with its path in the file.

It is the only place that knows pydantic's words: configs, their options and claims.yaml use it.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from experiments.base import ConfigError, counted
from experiments.schema.labels import NAME_RULE
from mlp import did_you_mean

ELSEWHERE = {
    "activation": "hidden is the activation of the hidden layers, output that of the last",
    "alpha": "the strength of a penalty is lambda, its kind is penalty",
    "beta_1": "optimizer: {name: adam, beta1: 0.9} has the hyper-parameters of an optimizer",
    "bias": "every layer has biases; bias_init says how they begin",
    "cv": "split: {kind: k_fold, folds: 5} of a dataset is a cross-validation",
    "early_stopping": "patience: 10 stops after 10 epochs without a lower validation cost",
    "extend": "extends: default lays this config over the one of that name or path",
    "hidden_layer_sizes": "layers: [30, 10] gives the neurons of the hidden layers",
    "include": "extends: default lays this config over the one of that name or path",
    "inherits": "extends: default lays this config over the one of that name or path",
    "learning_rate": "eta is the step size, schedule says how it falls",
    "learning_rate_init": "eta is the step size",
    "loss": "cost is the cost function",
    "lr": "eta is the step size, schedule says how it falls",
    "max_iter": "epochs is the number of epochs",
    "momentum": "optimizer: {name: momentum, momentum: 0.9} has the momentum",
    "n_epochs": "epochs is the number of epochs",
    "n_iter_no_change": "patience is the number of epochs without a lower validation cost",
    "n_splits": "split: {kind: k_fold, folds: 5} of a dataset is a cross-validation",
    "random_state": "seeds is a number of seeds, or a list of them",
    "regularization": "penalty is l1 or l2, lambda its strength",
    "restore_best": "select: best_cost keeps the weights of the lowest validation cost",
    "sample_weight": "class_weight has the weights of the classes; samples have none of their own",
    "seed": "seeds is the number of seeds",
    "shuffle": "the samples are shuffled in every epoch",
    "solver": "optimizer is sgd, momentum, adam or another one",
    "test_size": "split: {kind: stratified_shuffle, test: 0.3} of a dataset has the shares",
    "tol": "patience stops after epochs without a lower validation cost; there is no tolerance",
    "units": "layers: [30, 10] gives the neurons of the hidden layers",
    "validation_fraction": "every dataset has a validation part: its split gives the share",
    "weight_decay": "penalty: l2 with lambda is the weight decay",
}  # fmt: skip
"""Keys of other tools, and what does the same here."""

KINDS = {
    "bool": "true or false", "dict": "a mapping", "float": "a number", "int": "a whole number",
    "list": "a list", "literal": "a name", "mapping": "a mapping", "model": "a mapping",
    "string": "a text", "tuple": "a list",
}  # fmt: skip
"""What is expected, by the first word of pydantic's `..._type` and `..._parsing`."""

WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "missing": lambda ctx: "this key is required",
    "string_pattern_mismatch": lambda ctx: f"expected {NAME_RULE}",
    "finite_number": lambda ctx: "expected a finite number",
    "greater_than": lambda ctx: f"expected a number greater than {ctx['gt']:g}",
    "greater_than_equal": lambda ctx: f"expected a number of at least {ctx['ge']:,g}",
    "less_than": lambda ctx: f"expected a number less than {ctx['lt']:,g}",
    "less_than_equal": lambda ctx: f"expected a number of at most {ctx['le']:,}",
    "literal_error": lambda ctx: f"expected {ctx['expected']}",
    "string_too_short": lambda ctx: f"expected a text{_at_least(ctx['min_length'], 'character')}",
    "string_too_long": lambda ctx: f"expected a text of at most {ctx['max_length']} characters",
    "too_short": lambda ctx: f"expected a list or mapping{_at_least(ctx['min_length'], 'item')}",
    "too_long": lambda ctx: f"expected a list of at most {ctx['max_length']}",
    "value_error": lambda ctx: _lower(str(ctx["error"])),
    "int_from_float": lambda ctx: "expected a whole number",
}
"""What is said of each other kind of complaint."""


def _at_least(least: int, noun: str) -> str:
    """Say how long a value must be.

    >>> _at_least(1, "item"), _at_least(3, "item")
    (' that is not empty', ' of at least 3 items')
    """
    return " that is not empty" if least == 1 else f" of at least {counted(least, noun)}"


def validated(model: type[BaseModel], content: Any, where: str, at: str | None = None) -> Any:
    """Return the content as a model. Raises ConfigError, which says all that is wrong.

    `where` is the path of the content in the file; `at` is the one path to name for all of it.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise as_config_error(error, where, content, model, at) from None


def as_config_error(
    error: ValidationError,
    where: str,
    content: Any,
    model: type[BaseModel],
    at: str | None = None,
) -> ConfigError:
    """Turn pydantic's complaints into sentences, each with its path in the config."""
    places = _by_place(error.errors(), content)
    if at:  # a single value: its parts have no place of their own
        places = places[:1]
    return ConfigError.of([_sentence(same, where, content, model, at) for same in places])


def _by_place(complaints: list[Any], content: Any) -> list[list[Any]]:
    """Return the complaints by their place, without places that a deeper one explains.

    If a value may be of several kinds, pydantic says for each kind why it is not that.
    """
    places: dict[tuple, list[Any]] = {}
    for complaint in complaints:
        places.setdefault(tuple(_path(complaint, content)), []).append(complaint)
    return [
        same
        for path, same in places.items()
        if not any(other != path and other[: len(path)] == path for other in places)
    ]


def _sentence(
    same: list[Any], where: str, content: Any, model: type[BaseModel], at: str | None
) -> ConfigError:
    first = same[0]
    path = at or join(where, _path(first, content))
    if first["type"] == "extra_forbidden":
        return unknown_key(path, str(first["loc"][-1]), _keys_at(model, first["loc"]))
    if first["type"] == "missing":
        return ConfigError(path, _words(first))
    of_kind = [complaint for complaint in same if not _kind(complaint)]
    kinds = list(dict.fromkeys(_kind(complaint) for complaint in same if _kind(complaint)))
    if of_kind and kinds and of_kind[0]["type"] == "literal_error":
        kinds.append(of_kind[0]["ctx"]["expected"])
        return ConfigError(path, f"expected {' or '.join(kinds)}, found {short(first['input'])}")
    if of_kind:
        words, found = _words(of_kind[0]), short(first["input"])
        return ConfigError(path, words if found in words else f"{words}, found {found}")
    return ConfigError(path, f"expected {' or '.join(kinds)}, {_found(first['input'], kinds)}")


def unknown_key(path: str, key: str, known: Sequence[str]) -> ConfigError:
    """Return the error of a key that there is not: what does it here, or the nearest key."""
    if key in ELSEWHERE:
        return ConfigError(path, f"unknown key: {ELSEWHERE[key]}")
    return ConfigError(path, f"unknown key{did_you_mean(key, known)}; known: {', '.join(known)}")


def _kind(complaint: Mapping[str, Any]) -> str:
    """Return the kind of value that was expected, if the value is of another one."""
    word, _, rest = complaint["type"].partition("_")
    return KINDS.get(word, "") if rest in ("type", "parsing") else ""


def _words(complaint: Mapping[str, Any]) -> str:
    say = WORDS.get(complaint["type"])
    return say(complaint.get("ctx", {})) if say else _lower(complaint["msg"])


def _lower(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"


def _found(value: Any, kinds: Sequence[str]) -> str:
    """Return what was found and, if it is nearly right, how to write it."""
    text = isinstance(value, str)
    found = f"found {'the text ' if text else ''}{short(value)}"
    if kinds == ["a list"] and isinstance(value, str | int | float):
        return f"{found}: write [{_written(value)}]"
    if kinds == ["a text"] and isinstance(value, bool | int | float):
        return f"{found}: put it in quotes, '{_written(value)}'"
    if text and {"a number", "a whole number"} & {*kinds}:
        if re.fullmatch(r"[-+]?\d+(:\d+)+", value):
            return f"{found}: a number has no colon"
        if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", value):
            return f"{found}: write it without quotes"
    return found


def not_a_text(value: Any) -> str:
    """Return the sentence about a value where a text is expected."""
    return f"expected a text, {_found(value, ['a text'])}"


def _written(value: Any) -> str:
    """Return a value as YAML writes it."""
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", value):
        return value
    return short(json.dumps(value, default=str)).strip("'")


def short(value: Any) -> str:
    """Return a value as a message shows it: in ASCII, 80 characters at most."""
    text = ascii(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _path(error: Mapping[str, Any], content: Any) -> list:
    """Return the steps of a place that lead through the content, not through the schema."""
    path = []
    for step in error["loc"]:
        inside = isinstance(content, dict) and step in content
        inside |= isinstance(content, list | tuple) and isinstance(step, int)
        if inside and not (isinstance(step, int) and step >= len(content)):
            content = content[step]
            path.append(step)
    return [*path, error["loc"][-1]] if error["type"] == "missing" else path


def join(where: str, path: Sequence[str | int]) -> str:
    """Return the path of a place: keys after dots, numbers of items in brackets.

    >>> join("studies", ["a", "grid", "eta", 2])
    'studies.a.grid.eta[2]'
    """
    for step in path:
        is_item = isinstance(step, int)
        where = f"{where}[{step}]" if is_item else f"{where}.{step}" if where else str(step)
    return where


def _keys_at(model: type[BaseModel], loc: tuple) -> list[str]:
    """Return the keys allowed at the place of an unknown one."""
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
        there = f"known: {', '.join(known)}" if known else "there is none"
        raise ConfigError(where, f"{name!r} is not {what}{did_you_mean(name, known)}; {there}")
