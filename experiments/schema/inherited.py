"""What a config says once it is whole: with the config that it extends, and with changes.

    extends: base.yaml     the config is laid over another one, which may extend a third
    --set seeds=20         a change of the command line is laid over all of them

Mappings are merged, all else is replaced, and `null` removes a key of the config below. Each key
keeps the place that it comes from, so that a mistake is told where it was made.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.base import ConfigError, files
from experiments.schema.messages import join, short
from experiments.schema.naming import CONFIGS, ENDINGS
from experiments.schema.reader import parse, parse_with_lines
from mlp import did_you_mean

EXTENDS = "extends"
EXAMPLE = "such as studies.init.seeds=20"


@dataclass(frozen=True)
class Whole:
    """What a config says, where each key is from (such as `line 3 of base.yaml`), and its files.

    `files` are the config and those that it extends, in this order.
    """

    content: Any
    places: dict[str, str]
    files: tuple[Path, ...]


def read_whole(path: Path, changes: Sequence[str] = ()) -> Whole:
    """Return what a config says with all that it extends and with `changes`, each KEY=VALUE.

    Raises ConfigError, whose place is in this file unless it names another.
    """
    whole = _extended(Path(path), ())
    for text in changes:
        whole = _changed(whole, text)
    return whole


def extended_by(path: Path) -> tuple[Path, ...]:
    """Return the files that a config extends, the nearest first; none if it cannot be read."""
    try:
        return read_whole(path).files[1:]
    except ConfigError:
        return ()


def _extended(path: Path, above: tuple[Path, ...]) -> Whole:
    """Return a config over what it extends; `above` are the files that led to it."""
    content, lines = _read(path, named=bool(above))
    of_file = f" of {path}" if above else ""
    places = {key: f"line {line}{of_file}" for key, line in lines.items()}
    if not isinstance(content, dict) or EXTENDS not in content:
        return Whole(content, places, (path,))
    chain = (*above, path)
    try:
        base = _base(content.pop(EXTENDS), path)
        if base.resolve() in [file.resolve() for file in chain]:
            circle = " extends ".join(map(str, (*chain, base)))
            raise ConfigError("", f"a config cannot extend itself: {circle}")
        below = _extended(base, chain)
        if not isinstance(below.content, dict):
            raise ConfigError("", f"{base} is not a mapping, found {short(below.content)}")
    except ConfigError as error:
        where = f"{places[EXTENDS]}: {EXTENDS}"
        raise ConfigError(
            f"{where}: {error.where}" if error.where else where, error.problem
        ) from None
    merged = _merged(below.content, content)
    return Whole(merged, below.places | places, (path, *below.files))


def _read(path: Path, named: bool) -> tuple[Any, dict[str, int]]:
    """Return the content of a file and its lines; an error names the file if it shall be named."""
    try:
        return parse_with_lines(_text(path))
    except ConfigError as error:
        where = ": ".join(filter(None, [str(path), error.where]))
        raise ConfigError(where if named else error.where, error.problem) from None


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError("", f"not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except OSError as error:
        raise ConfigError("", f"cannot be read: {error.strerror}") from None


def _base(named: Any, path: Path) -> Path:
    """Return the config that `extends` names: a path beside this one, or one of the project."""
    if not isinstance(named, str) or not named:
        raise ConfigError(
            "", f"expected the path of one config, or the name of a config in {CONFIGS}, "
            f"found {short(named)}",
        )  # fmt: skip
    for folder in (path.parent, CONFIGS):
        for name in (named, *(f"{named}{ending}" for ending in ENDINGS)):
            if (found := folder / name).is_file():
                return files.near(found)
    known = sorted({p.stem for folder in (path.parent, CONFIGS) for p in folder.glob("*")
                    if p.suffix in ENDINGS} - {path.stem})  # fmt: skip
    raise ConfigError(
        "",
        f"there is no config {short(named)} beside {path} or in {CONFIGS}"
        f"{did_you_mean(Path(named).stem, known)}; known: {', '.join(known)}",
    )


def _merged(below: Any, above: Any) -> Any:
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    merged = dict(below)
    for key, value in above.items():
        if value is None and key in below:
            del merged[key]
        else:
            merged[key] = _merged(below.get(key), value)
    return merged


def _changed(whole: Whole, text: str) -> Whole:
    """Return a config with one change, KEY=VALUE, laid over it."""
    where = f"--set {text}"
    keys, value = _key_and_value(text, where)
    _refuse_unknown_study(whole.content, keys, where)
    path = ".".join(keys)
    made = [".".join(keys[:n]) for n in range(1, len(keys)) if not _is_mapping(whole, keys[:n])]
    places = dict.fromkeys([*made, path, *_below(value, path)], where)
    for key in reversed(keys):
        value = {key: value}
    if not isinstance(whole.content, dict):
        return whole  # what is wrong with it is said when it is validated
    return Whole(_merged(whole.content, value), whole.places | places, whole.files)


def _is_mapping(whole: Whole, keys: Sequence[str]) -> bool:
    found = whole.content
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return isinstance(found, dict)


def _key_and_value(text: str, where: str) -> tuple[list[str], Any]:
    key, sign, value = text.partition("=")
    keys = key.strip().split(".")
    if not sign or not all(keys):
        raise ConfigError(where, f"expected KEY=VALUE, {EXAMPLE}")
    if "[" in key:
        raise ConfigError(where, "an item of a list cannot be set alone: give the whole list")
    if keys[0] == EXTENDS:
        raise ConfigError(where, f"{EXTENDS} belongs into the config file")
    if not value.strip():
        raise ConfigError(where, f"expected a value after =, {EXAMPLE}; null removes the key")
    try:
        return keys, parse(value)
    except ConfigError as error:
        raise ConfigError(where, error.problem) from None


def _refuse_unknown_study(content: Any, keys: Sequence[str], where: str) -> None:
    """Refuse a change inside a study that there is not: it would begin a new one."""
    studies = content.get("studies") if isinstance(content, dict) else None
    if keys[0] == "studies" and len(keys) > 2 and isinstance(studies, dict):
        name, known = keys[1], [*studies]
        if name not in studies:
            hint = did_you_mean(name, known)
            raise ConfigError(
                where, f"there is no study {short(name)}{hint}; known: {', '.join(known)}"
            )


def _below(value: Any, path: str) -> Iterator[str]:
    """Yield the paths of all keys and items in a value."""
    steps: dict[Any, Any] = {}
    if isinstance(value, dict | list):
        steps = value if isinstance(value, dict) else dict(enumerate(value))
    for step, inner in steps.items():
        place = join(path, [step])
        yield place
        yield from _below(inner, place)
