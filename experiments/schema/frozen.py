"""The config as it was planned: `results/NAME/config.yaml`, which every rule after the plan reads.

An edit of the original while a sweep runs cannot mix two configs: the next `snakemake` plans again.
"""

import itertools
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from experiments.base import ConfigError, UserError, files, write_text
from experiments.schema.config import Config, load, validate
from experiments.schema.inherited import extended_by
from experiments.schema.reader import parse

NOTE = "# A copy of the config below as it was planned. To change the sweep, edit that file.\n"
ORIGIN, BASE, CHANGE = "# config: ", "# extends: ", "# set: "


class _Dumper(yaml.SafeDumper):
    """Puts texts in quotes wherever a reader of YAML could take one for something else."""


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    plain = text.replace("_", "").isalpha() and text.lower() not in _NO_TEXTS
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_NO_TEXTS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
_Dumper.add_representer(str, _text)


def content(config: Config) -> dict[str, Any]:
    """Return what a config says, as JSON can hold it; what has its default is left out."""
    return config.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def frozen_text(
    config: Config, origin: str, extends: Iterable[Path] = (), changes: Iterable[str] = ()
) -> str:
    """Return the text of a config's copy, which reads as the same config. Raises ConfigError.

    The copy is whole; what the config extends and how it was changed are comments.
    """
    head = f"{NOTE}{ORIGIN}{json.dumps(origin, ensure_ascii=False)}\n"
    head += "".join(f"{BASE}{json.dumps(str(path))}\n" for path in extends)
    head += "".join(f"{CHANGE}{json.dumps(text)}\n" for text in changes)
    said = content(config)
    for body in (_as_yaml(said), json.dumps(said, indent=1, ensure_ascii=False)):  # JSON is YAML
        try:
            if validate(parse(head + body)) == config:
                return head + body.rstrip() + "\n"
        except ConfigError:
            continue
    raise ConfigError(origin, "this config cannot be copied without a change; please report it")


def _as_yaml(said: Mapping[str, Any]) -> str:
    return yaml.dump(
        said, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100,
        default_flow_style=None,
    )  # fmt: skip


def freeze(config: Config, origin: str, results: Path, changes: Sequence[str] = ()) -> None:
    """Write the copy of a config, with its changes, into the folder of its results."""
    extends = extended_by(Path(origin))
    write_text(Path(results) / files.CONFIG, frozen_text(config, origin, extends, changes))


def frozen_config(results: Path) -> Config:
    """Return the config that a sweep was planned from. Raises UserError where there is none."""
    path = Path(results) / files.CONFIG
    if not path.is_file():
        raise UserError(f"there is no {path}; run snakemake again, the plan writes it")
    return load(path)


def stored_config(results: Path) -> Config:
    """Return the config of a folder of results, also of one that has only provenance.json."""
    provenance = Path(results) / files.PROVENANCE
    if (Path(results) / files.CONFIG).exists() or not provenance.exists():
        return frozen_config(results)
    try:
        text = json.loads(provenance.read_text(encoding="utf-8"))["config"]
    except (OSError, ValueError, LookupError, TypeError):
        raise UserError(
            f"{provenance} cannot be read as JSON with a config: delete it and run snakemake "
            "again, which rebuilds it"
        ) from None
    return validate(parse(text))


def origin_of(results: Path) -> str:
    """Return the path of the config that a sweep was planned from, or an empty text.

    The path is relative to the folder that holds `results`, or absolute.
    """
    return next(iter(_noted(results, ORIGIN)), "")


def changes_of(results: Path) -> list[str]:
    """Return the changes of the command line with which a sweep was planned, each KEY=VALUE."""
    return _noted(results, CHANGE)


def options_of(results: Path, otherwise: str) -> list[str]:
    """Return the options of Snakemake that plan a sweep as it was: its config and its changes.

    `otherwise` is the config if there is no copy that names it.
    """
    changes = changes_of(results)
    given = ["--config", f"set={json.dumps(changes)}"] if changes else []
    return ["--configfile", origin_of(results) or otherwise, *given]


def _noted(results: Path, word: str) -> list[str]:
    """Return what the comments at the head of a config's copy say after a word."""
    try:
        lines = (Path(results) / files.CONFIG).read_text(encoding="utf-8").splitlines()
        head = itertools.takewhile(lambda line: line.startswith("#"), lines)
        return [json.loads(line[len(word) :]) for line in head if line.startswith(word)]
    except (OSError, UnicodeDecodeError, ValueError):
        return []


def refuse_namesake(path: Path, config: Config, results: Path) -> None:
    """Refuse a config whose results would replace those of another config of the same name.

    A config that was moved, or that says the same as the first, is no other config.
    """
    origin = origin_of(results)
    first = Path(origin)
    if not origin or not first.is_file() or os.path.samefile(first, path):
        return
    try:
        if load(first, changes_of(results)) == config:
            return
    except ConfigError:
        pass  # no longer a config, but still the user's file of this name
    raise UserError(
        f"{results} holds the results of {origin}, and {path} has the same name. Rename one of "
        f"the two files, or delete {results} to give it to {path}"
    )
