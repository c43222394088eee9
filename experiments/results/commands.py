"""What the commands list, show, clean and schema say: each a function that yields lines."""

import inspect
import json
import math
import os
import re
import shlex
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel
from pydantic.fields import FieldInfo

import mlp
from experiments import schema
from experiments.base import ConfigError, DamagedFileError, UserError, counted, plural, store
from experiments.datasets import DATASETS
from experiments.plan import Plan, make_plan, with_confirmed
from experiments.results.load import ANEW, read_parquet
from experiments.schema import CONFIGS, ENDINGS
from experiments.training import (
    cache_path,
    columns,
    prepare_parts,
    run_id,
    specs_of,
    train_stack,
)
from mlp import Registry, did_you_mean

ABANDONED = 3600  # seconds
MOST_LISTED = 10
RESULTS, DATA = Path("results"), Path("data")
SCHEMA = CONFIGS / "schema.json"
REFERENCE = Path("docs/reference/config.md")
GENERATED = "written by python -m experiments schema"
SCHEMA_LINE = "# yaml-language-server: $schema=schema.json"
"""The first line of a config, by which editors find the schema."""

METRICS = (
    "train_accuracy", "validation_accuracy", "test_accuracy",
    "train_cost", "validation_cost", "test_cost",
)  # fmt: skip
SPEC = {*columns("before"), *columns("after")}
"""The columns of a run that are part of its spec."""
RESULT = {
    "run_id": "name of the run: the same settings on the same data have the same name",
    "study": "the study that asks for it; a run that two studies share has two rows",
    "stage": "tune: a run from which the tuned value is chosen; confirm: a fresh run at that value",
    "split_index": "number of the drawn split, from 0; arms are paired by it and by index",
    "index": "number of the confirming run on its split, from 0",
    "status": "ok, diverged, skipped (not possible, or left out), or missing (not yet trained)",
    "reason": "why it is not ok",
    "labels": "its value on each axis of the study, as tables and figures call it (JSON)",
    **{
        f"{part}_{metric}": f"{words} after its last epoch, on the {part} part"
        for metric, words in (
            ("accuracy", "accuracy (in regression R²)"),
            ("cost", "mean cost, without the penalty"),
        )
        for part in ("train", "validation", "test")
    },
    "best_epoch": "the epoch with the highest validation accuracy; of several the one with the "
    "lowest validation cost, then the first. It stops nothing: `patience` watches the validation "
    "cost, and the results are those of the last epoch",
    "seconds": "processor time, its share of the runs trained with it",
    "diverged_at": "the first epoch after which something was not finite, or -1",
    "stopped_at": "the epoch at which `patience` ended the training, or -1",
}
"""The columns of a run that are no part of its spec, and what they mean."""

WIDTH, HEIGHT = 60, 12


# ---------------------------------------------------------------- list


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
        yield from _columns(rows)


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


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows as lines, each column as wide as its widest cell.

    >>> list(_columns([("a", "1", "x"), ("bcd", "", "y")]))
    ['  a    1  x', '  bcd     y']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()


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


# ---------------------------------------------------------------- show


def show_run(
    identity: str,
    results: Path = RESULTS,
    data: Path = DATA,
    configs: Path = CONFIGS,
    redo: bool = False,
) -> Iterator[str]:
    """Yield the spec of a run, its results, the commands that redo it and its learning curve.

    `identity` is a run's name or the beginning of one, as `runs.csv` gives it. With `redo` the
    run is trained again, alone, and compared with what was kept. Raises UserError where there is
    no such run, or more than one, or where it comes out otherwise.
    """
    folder, rows, skipped = _find_run(identity, results)
    yield from (f"left aside: {reason}" for reason in skipped)
    run = rows.iloc[0]
    yield f"run {run['run_id']} of {folder.name}: {', '.join(map(str, rows['study'].unique()))}"
    yield ""
    yield from _columns([(k, _short(v)) for k, v in run.items() if k in SPEC and _is(v)])
    yield ""
    yield f"status: {run['status']}{f': {run.reason}' if run['reason'] else ''}"
    names = (*METRICS, "best_epoch", "seconds")
    facts = [(k, _short(run[k])) for k in names if _is(run.get(k))]
    if facts:
        yield from _columns(facts)
    yield ""
    yield from _again(folder, run["run_id"], configs, data)
    curve = _curve(folder, run["run_id"])
    if curve is not None:
        yield ""
        yield "validation accuracy (o) and training accuracy (.) by epoch"
        series = {".": curve["train_accuracy"], "o": curve["validation_accuracy"]}
        yield from plot(curve["epoch"], series)
    if redo:
        yield ""
        yield from _redo(folder, run["run_id"], data)


def _again(folder: Path, run_id: str, configs: Path, data: Path) -> Iterator[str]:
    """Yield the commands that train a run, alone or with its sweep, to be pasted as they are."""
    config = _config_of(folder, configs)
    yield "redo it alone, and compare (in the clone, its environment active):"
    yield f"  python -m experiments show {run_id} --redo{_elsewhere(folder.parent, data)}"
    yield "or with its sweep, what is cached being taken from the cache:"
    yield f"  snakemake --cores 2 --configfile {shlex.quote(config)}"
    if not Path(config).is_file():
        yield f"  (there is no {config} here; provenance.json of {folder} holds the config)"


def _elsewhere(results: Path, data: Path) -> str:
    """Return the options of `show` where results or data lie in another place than usual."""
    places = {"--results": (results, RESULTS), "--data": (data, DATA)}
    given = {name: path for name, (path, usual) in places.items() if path != usual}
    return "".join(f" {name} {shlex.quote(str(path))}" for name, path in given.items())


def _config_of(folder: Path, configs: Path) -> str:
    """Return the config that made a folder: as its provenance says, else where it would lie."""
    path = folder / "provenance.json"
    try:
        words = shlex.split(json.loads(path.read_text(encoding="utf-8"))["command"])
        return words[words.index("--configfile") + 1]
    except (OSError, ValueError, LookupError, TypeError):
        return str(configs / f"{folder.name}.yaml")


def _redo(folder: Path, identity: str, data: Path) -> Iterator[str]:
    """Train a run again and yield how what comes out differs from what was kept."""
    found = _planned(folder / "plan.txt", identity)
    if found is None:
        raise UserError(
            f"{folder / 'plan.txt'} does not know the run: the results are of another version of "
            "this project, whose runs have other ids, or of another config; run snakemake again"
        )
    spec, key, classes = found
    try:
        arrays = store.read(data / f"{key}.bin")[1]
    except FileNotFoundError:
        raise UserError(f"there is no {data / key}.bin; run snakemake again") from None
    result = train_stack([spec], prepare_parts(spec, arrays, classes))[0]
    made = result.curves[: result.stopped_at + 1] if result.stopped_at >= 0 else result.curves
    path = folder / "curves.parquet"
    needed = ["epoch", *result.columns]
    kept = read_parquet(path, ["run_id", *needed], columns=needed, filters=_only(identity))
    if len(kept) != len(made):
        raise UserError(
            f"trained again, but nothing was compared: {len(kept)} of {len(made)} epochs are "
            f"stored in {path} (epoch 0 is one of them); {ANEW}"
        )
    kept = kept.sort_values("epoch")[result.columns].to_numpy(dtype=float)
    if np.array_equal(made, kept, equal_nan=True):
        yield f"trained again: all {made.size:,} recorded numbers are the same, to the bit"
    else:
        worst = np.nanmax(np.abs(made - kept))
        raise UserError(
            f"trained again, and the recorded numbers differ, by {worst:.3g} at most; "
            f"python -m experiments verify {folder.name} says what is another now"
        )


def _planned(path: Path, identity: str) -> tuple[dict[str, Any], str, int] | None:
    """Return the spec of a run from a plan's file, with its data's key and classes."""
    if path.is_file():
        for name, spec, data, classes in _planned_runs(path):
            if name == identity:
                return spec, data, classes
    return None


def _planned_runs(path: Path) -> Iterator[tuple[str, dict[str, Any], str, int]]:
    """Yield id and spec of each run of a plan's file, with its data's key and classes."""
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                name, _, body = line.partition(" ")
                job = json.loads(body)
                for spec in specs_of(job):
                    if not isinstance(spec, dict):
                        raise TypeError(name)
                    yield run_id(spec), spec, job["data"], job["classes"]
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}; make it readable") from None
    except (LookupError, TypeError, ValueError):
        raise UserError(f"{path} is damaged or of another version; {ANEW}") from None


def _find_run(identity: str, results: Path) -> tuple[Path, pd.DataFrame, list[str]]:
    """Return the folder and the rows of the run whose name begins with `identity`.

    Beside them stands what could not be read: the run may be in another folder than that.
    """
    if not re.fullmatch(r"[0-9a-f]{4,16}", identity):
        sweep = results / Path(identity).stem
        where = sweep / "runs.csv" if sweep.is_dir() else "runs.csv"
        raise UserError(
            f"{identity!r} is no name of a run: 4 to 16 of the characters 0-9 and a-f, "
            f"from the column run_id of {where}"
        )
    found: dict[str, tuple[Path, pd.DataFrame]] = {}
    skipped: list[str] = []
    for path in sorted(results.glob("*/runs.parquet")):
        try:
            runs = read_parquet(path, ("run_id", "study", "status", "reason"))
        except UserError as error:
            skipped.append(str(error))
            continue
        if not runs["run_id"].map(lambda name: isinstance(name, str)).all():
            skipped.append(f"{path} cannot be read: its column run_id holds no names; {ANEW}")
            continue
        for name, rows in runs[runs["run_id"].str.startswith(identity)].groupby("run_id"):
            found.setdefault(name, (path.parent, rows))
    if len(found) > 1:
        raise UserError(f"{len(found)} runs begin with {identity}: {', '.join(sorted(found)[:5])}")
    if not found:
        aside = "".join(f"\n  left aside: {reason}" for reason in skipped)
        raise UserError(f"no run in {results}/*/runs.parquet begins with {identity}{aside}")
    return *next(iter(found.values())), skipped


def _is(value: Any) -> bool:
    return pd.api.types.is_scalar(value) and not pd.isna(value)


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _curve(folder: Path, run_id: str) -> pd.DataFrame | None:
    path = folder / "curves.parquet"
    columns = ["epoch", "train_accuracy", "validation_accuracy"]
    table = read_parquet(path, ["run_id", *columns], columns=columns, filters=_only(run_id))
    return table.sort_values("epoch") if len(table) else None


def _only(run_id: str) -> list[tuple[str, str, str]]:
    return [("run_id", "==", run_id)]


def plot(
    x: Iterable[float],
    series: Mapping[str, Iterable[float]],
    width: int = WIDTH,
    height: int = HEIGHT,
) -> Iterator[str]:
    """Yield lines that draw each series against x by its mark, the later above the earlier.

    >>> lines = plot([0, 1, 2], {"o": [0.0, 1.0, 0.5]}, width=5, height=3)
    >>> [line.strip() for line in lines]
    ['1 |  o', '|    o', '0 |o', '+-----', '0   2']
    """
    x = list(x)
    series = {mark: list(values) for mark, values in series.items()}
    numbers = [v for values in series.values() for v in values if math.isfinite(v)]
    if not x or not numbers:
        yield "  (no number to draw)"
        return
    low, high = min(numbers), max(numbers)
    canvas = [[" "] * width for _ in range(height)]
    for mark, values in series.items():
        for at, value in zip(x, values, strict=True):
            if math.isfinite(value):
                column = _place(at, min(x), max(x), width)
                canvas[height - 1 - _place(value, low, high, height)][column] = mark
    for number, line in enumerate(canvas):
        tick = {0: f"{high:.4g}", height - 1: f"{low:.4g}"}.get(number, "")
        yield f"{tick:>9} |{''.join(line)}".rstrip()
    yield f"{'':>9} +{'-' * width}"
    first, last = f"{min(x):g}", f"{max(x):g}"
    yield f"{'':>11}{first}{last:>{width - len(first)}}"


def _place(value: float, low: float, high: float, cells: int) -> int:
    return round((value - low) / (high - low) * (cells - 1)) if high > low else 0


# ---------------------------------------------------------------- clean


def project_configs() -> list[Path]:
    """Return the project's own configs."""
    return sorted(path for path in CONFIGS.glob("*") if path.suffix in ENDINGS)


def clean(
    configs: Sequence[Path],
    data: Path,
    cache: Path,
    delete: bool = False,
    results: Path | None = None,
) -> Iterator[str]:
    """Yield what of the cache no config refers to, with the bytes; delete it if asked to.

    A file is kept if a run of a config would read it now; those of other code, other data or
    other configs go, and what interrupted writes left behind an hour ago or more, there and
    among the data and the results. Where a config's data is not made, nobody can tell which
    files it needs: all of its runs' are kept. A config whose own files are away is left aside:
    of its runs those in its results/NAME/plan.txt are kept, and where that cannot be read, all
    that no other config has.
    Symbolic links are not followed, nor deleted.
    Raises UserError where there is no config, ConfigError where one is wrong.
    """
    plans, away = _plans(configs)
    wanted, unsure = _wanted(plans, data, cache)
    names = {path.name[:16] for path in wanted}
    planned = {config: _kept_plan(results, config) for config in away}
    kept = unsure.union(*(runs for runs in planned.values() if runs is not None))
    unknown = [config for config, runs in planned.items() if runs is None]
    there = {path for path in _in_shards(cache) if _is_ours(path)}
    stray = sorted(path for path in there - wanted if path.name[:16] not in kept)
    changed = [path for path in stray if path.name[:16] in names]
    nobodys = sorted(set(stray) - set(changed))
    left = _left_over(data, cache, *([results] if results else []))
    yield f"configs: {', '.join(str(path) for path in configs if path not in away)}"
    for path, reason in away.items():
        what = "all runs that no config has are kept, as they may be its"
        if path not in unknown:
            what = f"what its plan.txt names is kept: {counted(len(planned[path]), 'run')}"
        yield f"left aside: {path} ({reason}); {what}"
    yield f"in use: {_sizes(there - set(stray))}"
    if unsure:
        waiting = counted(len(unsure), "run")
        yield f"(data is not made for {waiting} of the configs: all theirs is kept)"
    yield from _listed("of runs that have changed since", changed)
    yield from _listed("of runs that no config has", nobodys)
    if nobodys and unknown:
        yield (
            f"(kept, also with --yes: they may be of {', '.join(map(str, unknown))}, which has no "
            "plan.txt in its results; put its files back, or take it out of the configs)"
        )
        stray = changed
    yield from _listed("left over from interrupted writes", left)
    if (stray or left) and not delete:
        yield "nothing was deleted; --yes deletes what is not in use"
    if delete:
        for path in (*stray, *left):
            path.unlink(missing_ok=True)
        yield f"deleted: {counted(len(stray) + len(left), 'file')}"


def _left_over(*folders: Path) -> list[Path]:
    """Return the files that were begun in some folders, and not touched for an hour."""
    long_ago = time.time() - ABANDONED
    begun = {p for folder in folders for p in _hidden(folder) if store.is_temporary(p)}
    return sorted(p for p in begun if _is_plain(p) and p.stat().st_mtime < long_ago)


def _hidden(folder: Path) -> Iterator[Path]:
    """Yield what begins with a dot in a folder and those below it, links not followed."""
    for place, _, names in os.walk(folder):
        yield from (Path(place) / name for name in names if name.startswith("."))


def _in_shards(cache: Path) -> Iterator[Path]:
    """Yield the files of the cache's folders; a link may lead elsewhere and is passed over."""
    for folder in cache.glob("*"):
        if folder.is_dir() and not folder.is_symlink():
            yield from filter(_is_plain, folder.iterdir())


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _kept_plan(results: Path | None, config: Path) -> set[str] | None:
    """Return the runs that the plan.txt of a config's results names; None where nobody knows."""
    path = results / config.stem / "plan.txt" if results else None
    if path is None or not path.is_file():
        return None
    try:
        return {name for name, *_ in _planned_runs(path)} or None
    except UserError:
        return None


def _listed(what: str, paths: Sequence[Path]) -> Iterator[str]:
    """Yield how many files there are and their bytes, and the first of them one by one."""
    yield f"{what}: {_sizes(paths)}"
    for path in paths[:MOST_LISTED]:
        yield f"  {path}: {counted(path.stat().st_size, 'byte')}"
    if len(paths) > MOST_LISTED:
        yield f"  and {len(paths) - MOST_LISTED:,} more"


def _plans(configs: Sequence[Path]) -> tuple[list[Plan], dict[Path, str]]:
    """Return the plans of some configs, and why some have none: the files they read are away."""
    if not configs:
        raise UserError(f"there is no config in {CONFIGS}; name those to keep")
    plans: list[Plan] = []
    away: dict[Path, str] = {}
    for config in configs:
        try:
            plans.append(make_plan(config))
        except ConfigError:
            raise
        except UserError as error:
            away[config] = str(error)
    return plans, away


def _wanted(plans: Sequence[Plan], data: Path, cache: Path) -> tuple[set[Path], set[str]]:
    """Return the files of the cache that the plans' runs would read, and the runs in doubt."""
    wanted, unsure = set(), set()
    there = {path.name[:16] for path in _in_shards(cache)}
    for plan in plans:
        plan = with_confirmed(plan, there)
        checksums = {d.key: _checksum(data / f"{d.key}.bin") for d in plan.data.values()}
        for name, spec in plan.runs.items():
            if checksum := checksums[spec["data"]]:
                wanted.add(cache_path(cache, spec, checksum))
            else:
                unsure.add(name)
    return wanted, unsure


def _checksum(path: Path) -> str:
    """Return the checksum of some data, or nothing where it is not made or damaged."""
    try:
        return store.read(path)[0]["checksum"]
    except (FileNotFoundError, DamagedFileError):
        return ""


def _is_ours(path: Path) -> bool:
    """Tell whether the cache wrote a file."""
    return bool(re.fullmatch(r"[0-9a-f]{16}-[0-9a-f]{32}\.run", path.name))


def _sizes(paths: Collection[Path]) -> str:
    size = sum(path.stat().st_size for path in paths)
    return f"{counted(len(paths), 'file')}, {counted(size, 'byte')}"


# ---------------------------------------------------------------- schema


def json_schema() -> str:
    """Return the JSON schema of a config, from the model that validates it.

    Where a config may hold settings under names of their own (`base`, `per_dataset`, `grid`), the
    settings' own schema is put in.
    """
    whole = schema.Config.model_json_schema(by_alias=True)
    setting = schema.Setting.model_json_schema(by_alias=True)
    label = {"label": {"type": "string", "description": "what the value is called"}}
    joint = setting | {"title": "Joint setting", "properties": label | setting["properties"]}
    whole["$defs"] |= setting.pop("$defs", {}) | {"Setting": setting, "JointSetting": joint}
    _enter_settings(whole["$defs"]["Study"]["properties"], setting["properties"])
    known = sorted(DATASETS)
    whole["$defs"]["Dataset"]["properties"]["source"]["examples"] = known
    whole["$defs"]["Study"]["properties"]["datasets"]["items"]["examples"] = known
    whole |= {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A sweep"}
    return json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _enter_settings(study: dict[str, Any], settings: dict[str, Any]) -> None:
    """Put what a setting may be into a study's schema, where it may stand."""
    one, joint = {"$ref": "#/$defs/Setting"}, {"$ref": "#/$defs/JointSetting"}
    study["base"] |= one
    study["base"].pop("additionalProperties", None)
    study["per_dataset"]["additionalProperties"] = one
    values = {
        name: {"type": "array", "minItems": 1, "items": {"anyOf": [facts, joint]}}
        for name, facts in settings.items()
    }
    axis = {"type": "array", "minItems": 1, "items": joint}
    study["grid"] |= {"properties": values, "additionalProperties": axis}
    facts = {name: {} for name in ("dataset", *settings)}
    study["exclude"]["items"] = {
        "type": "object", "properties": facts, "additionalProperties": False,
    }  # fmt: skip


def config_reference() -> str:
    """Return the reference of every key of a config, in Markdown."""
    lines = ["# Keys of a config", "", f"<!-- {GENERATED} -->"]
    models = {
        "A config": schema.Config,
        "A dataset": schema.Dataset,
        "A study": schema.Study,
        "Settings (in base, per_dataset and grid)": schema.Setting,
        "Statistics": schema.Statistics,
        "Resources": schema.Resources,
    }
    for title, model in models.items():
        lines += ["", f"## {title}", "", model.__doc__, ""]
        lines += ["| key | default | meaning |", "|---|---|---|"]
        facts = model.model_json_schema(by_alias=True)["properties"]
        for name, field in model.model_fields.items():
            key = field.alias or name
            default = "needed" if field.is_required() else f"`{_yaml(field)}`"
            words = field.description or f"see {key.capitalize()}"
            lines.append(f"| `{key}` | {default} | {words}{_names(facts[key])} |")
    lines += ["", "## Columns of runs.csv and runs.parquet", ""]
    lines += ["Beside these, a run has a column for each of its settings.", ""]
    lines += ["| column | meaning |", "|---|---|"]
    lines += [f"| `{name}` | {meaning} |" for name, meaning in RESULT.items()]
    return "\n".join(lines) + "\n"


def _yaml(field: Any) -> str:
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        return "{}"
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def _names(facts: Mapping[str, Any]) -> str:
    """Return the names that a key may take, where it takes names."""
    names = facts.get("enum") or next(
        (f["enum"] for f in facts.get("anyOf", []) if "enum" in f), ()
    )
    return f": {', '.join(f'`{name}`' for name in names)}" if names else ""


def write_schema(out: Path = SCHEMA, reference: Path = REFERENCE) -> Iterator[str]:
    """Write the JSON schema of a config and the reference of its keys; yield where."""
    store.write_text(out, json_schema())
    store.write_text(reference, config_reference())
    yield f"wrote {out} and {reference}; a config beside the schema begins with the line"
    yield f"  {SCHEMA_LINE}"
