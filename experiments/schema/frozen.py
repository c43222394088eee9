"""The config as it was planned: `results/NAME/config.yaml`, which every rule after the plan reads.

An edit of the original while a sweep runs cannot mix two configs: the next `snakemake` plans again.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from experiments.base import ConfigError, UserError, files, write_text
from experiments.schema.config import Config, load, validate
from experiments.schema.reader import parse

NOTE = "# A copy of the config below as it was planned. To change the sweep, edit that file.\n"
ORIGIN = "# config: "


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


def frozen_text(config: Config, origin: str) -> str:
    """Return the text of a config's copy, which reads as the same config. Raises ConfigError."""
    head = f"{NOTE}{ORIGIN}{json.dumps(origin, ensure_ascii=False)}\n"
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


def freeze(config: Config, origin: str, results: Path) -> None:
    """Write the copy of a config into the folder of its results."""
    write_text(Path(results) / files.CONFIG, frozen_text(config, origin))


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
    try:
        lines = (Path(results) / files.CONFIG).read_text(encoding="utf-8").splitlines()
        return json.loads(next(x for x in lines[:5] if x.startswith(ORIGIN))[len(ORIGIN) :])
    except (OSError, UnicodeDecodeError, ValueError, StopIteration):
        return ""


def refuse_namesake(path: Path, config: Config, results: Path) -> None:
    """Refuse a config whose results would replace those of another config of the same name.

    A config that was moved, or that says the same as the first, is no other config.
    """
    origin = origin_of(results)
    first = Path(origin)
    if not origin or not first.is_file() or os.path.samefile(first, path):
        return
    try:
        if load(first) == config:
            return
    except ConfigError:
        pass  # no longer a config, but still the user's file of this name
    raise UserError(
        f"{results} holds the results of {origin}, and {path} has the same name. Rename one of "
        f"the two files, or delete {results} to give it to {path}"
    )
