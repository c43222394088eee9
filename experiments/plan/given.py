"""What a person gives Snakemake for a sweep: the config, and what `--config` says."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.base import UserError, cache_at, cache_name, files
from mlp import did_you_mean

DEFAULT_CONFIG = "experiments/config/default.yaml"
OPTIONS = ("job_seconds", "memory_mb")
CHANGES = "set"
CONFIGFILE = "configfile"
"""The key of a module's config that names the sweep's."""
KNOWN = ("partial", CHANGES, *OPTIONS)
YES, NO = ("true", "yes", "1"), ("false", "no", "0")


def chosen_config(configfiles: Sequence[str | Path], clone: Path | str = ".") -> str:
    """Return the one config of this sweep: that of --configfile, or the clone's default.

    Snakemake would merge several configs into one; that is refused.
    """
    if len(configfiles) > 1:
        names = ", ".join(map(str, configfiles))
        raise UserError(f"one config at a time, found {len(configfiles)}: {names}")
    path = Path(configfiles[0]) if configfiles else Path(clone) / DEFAULT_CONFIG
    return str(files.near(path))


def sweep_of(
    given: Mapping[str, Any], configfiles: Sequence[str | Path], as_module: bool
) -> tuple[dict[str, Any], Sequence[str | Path]]:
    """Return the options of a sweep and its config files.

    As a module of another workflow, which has config files of its own, the sweep's is named by
    the key `configfile` of the module's config. Raises UserError if it is not.
    """
    options = dict(given)
    if not as_module:
        return options, configfiles
    named = options.pop(CONFIGFILE, None)
    if not isinstance(named, str) or not named:
        raise UserError(
            f"the config of the module says {CONFIGFILE}: {named!r}: expected the path of a "
            f"sweep's config, such as config: {{'{CONFIGFILE}': 'sweeps/mine.yaml'}}"
        )
    return options, [named]


def check_options(given: Mapping[str, Any]) -> None:
    """Refuse a key of `--config` that means nothing here, and a value that is not understood."""
    for key in given:
        if key not in KNOWN:
            raise UserError(
                f"--config {key}=...: unknown key{did_you_mean(key, KNOWN)}; known: "
                f"{', '.join(KNOWN)}. A key of the sweep is changed in its config file, or by "
                f"--config '{CHANGES}=[\"{key}=...\"]'"
            )
    options(given)
    changes(given)
    is_partial(given)
    cache_at(cache_name()).check()  # the train jobs will use it


def refuse_partial_storage(given: Mapping[str, Any], in_storage: bool) -> None:
    """Refuse `partial` with results in a storage: a start sees no finished jobs there."""
    if in_storage and is_partial(given):
        raise UserError(
            "--config partial=true: only for results in a folder, without "
            "--default-storage-provider"
        )


def sweep_options(given: Mapping[str, Any]) -> str:
    """Return the same changes and options as words for `python -m experiments`."""
    words = [word for change in changes(given) for word in ("--set", change)]
    for name, value in options(given).items():
        words += [f"--{name.replace('_', '-')}", str(value)]
    return shlex.join(words)


def partial_option(given: Mapping[str, Any]) -> str:
    """Return the word that tells the collection to accept gaps, or none."""
    return "--partial" if is_partial(given) else ""


def is_partial(given: Mapping[str, Any]) -> bool:
    """Return whether only finished jobs are collected. Raises UserError if it is no truth value."""
    text = str(given.get("partial", "no")).lower()
    if text not in YES + NO:
        raise UserError(f"--config partial={given['partial']}: expected true or false")
    return text in YES


def changes(given: Mapping[str, Any]) -> list[str]:
    """Return the changes of `--config set=`: one KEY=VALUE, or a list of them."""
    found = given.get(CHANGES, [])
    texts = [found] if isinstance(found, str) else found
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise UserError(
            f"--config {CHANGES}={found}: expected KEY=VALUE or a list of them, such as "
            f"--config '{CHANGES}=[\"studies.init.seeds=20\"]'"
        )
    return texts


def options(given: Mapping[str, Any]) -> dict[str, float]:
    """Return how train jobs are cut, by name. Raises UserError for what is no number."""
    found = {}
    for name in OPTIONS:
        if name in given:
            try:
                if isinstance(given[name], bool):
                    raise TypeError
                number = float(given[name])
            except (TypeError, ValueError):
                raise UserError(f"--config {name}={given[name]}: expected a number") from None
            found[name] = int(number) if number.is_integer() else number
    return found
