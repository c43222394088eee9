"""Plan, run, inspect and check sweeps: mlp-sweep COMMAND, or python -m experiments COMMAND."""

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# one BLAS thread, set before NumPy is imported: with two, products round differently
for _name in ("OPENBLAS", "MKL", "OMP", "BLIS", "VECLIB_MAXIMUM"):
    os.environ[f"{_name}_NUM_THREADS"] = "1"

from experiments.base import (  # noqa: E402
    CommandLine,
    UserError,
    files,
    option,
)


def write_receipt(
    args: argparse.Namespace, figures: Sequence[str] = (), paper: Sequence[str] = ()
) -> None:
    """Note what a step was made from, if Snakemake has told what that is."""
    if getattr(args, "recipe", None) is not None:
        from experiments.plan import done

        done(args.step, args.results, args.data, args.recipe, figures, paper)


def _config(text: str) -> Path:
    from experiments.schema import find_config

    return find_config(text)


def _config_first(text: str) -> Path:
    try:
        return _config(text)
    except UserError as error:
        raise UserError(
            f"{error}. CONFIG comes first, targets and options of Snakemake after it"
        ) from None


def _cache(name: str) -> Any:
    from experiments.base import cache_at, cache_name

    return cache_at(name or cache_name())


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, found {text!r}")
    return int(text)


def _recipe(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise argparse.ArgumentTypeError(f"expected a mapping as JSON, found {text[:60]!r}")
    return found


DATA = option("--data", type=Path, default=Path("data"), help="folder of the data")
CACHE = option(
    "--cache", type=_cache, default="",
    help="folder or s3://BUCKET/PREFIX of the runs that are trained already; by default MLP_CACHE",
)  # fmt: skip
RESULTS = option("--results", type=Path, default=Path("results"), help="folder of all results")
STEP = (
    option("--results", type=Path, required=True, help="folder of the sweep"),
    DATA,
    option(
        "--recipe", type=_recipe, help="for Snakemake: the code and the parts of the config used"
    ),
)
"""What the command of a step takes: where it works, and what its receipt shall say."""
PROCESSES = option(
    "--processes", type=_at_least_one, default=1, help="how many may work at the same time"
)
SWEEP = (
    option(
        "config", type=_config, nargs="?", default="default",
        help="a path, or the name of one in experiments/config",
    ),
    option(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="changes",
        help="change a key of the config, such as studies.init.seeds=20; may be repeated",
    ),
    option("--job-seconds", type=float, help="instead of the config's"),
    option("--memory-mb", type=float, help="instead of the config's"),
)  # fmt: skip

MORE = "Snakemake calls the other commands itself: data, train, collect, tables and so on."

LINE = CommandLine("python -m experiments", __doc__, after=write_receipt, more=MORE)


def _cores() -> int:
    """Return how many processors this process may use."""
    may_use = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(may_use(0)) if may_use else os.cpu_count() or 1


@LINE.command(
    option(
        "config", type=_config_first, metavar="CONFIG",
        help="a path, or the name of one in experiments/config; it comes first",
    ),
    option(
        "words", nargs=argparse.REMAINDER,
        help="targets and options of Snakemake, and --set KEY=VALUE as for plan",
    ),
)  # fmt: skip
def run(args: argparse.Namespace) -> None:
    """Run a sweep: Snakemake on a config, on all processors unless its options say otherwise."""
    from experiments.plan import launch

    launch(args.config, args.words, _cores())


def _resources(args: argparse.Namespace) -> dict[str, float]:
    given = {name: getattr(args, name) for name in ("job_seconds", "memory_mb")}
    return {name: value for name, value in given.items() if value is not None}


@LINE.command(*SWEEP, DATA, CACHE, option("--cores", type=int, default=_cores()))
def plan(args: argparse.Namespace) -> None:
    """Say what a sweep will do: runs that are new, cached, stale or left out, and why."""
    from experiments.plan import describe, make_plan, pace

    made = make_plan(args.config, args.changes, **_resources(args))
    print("\n".join(describe(made, args.data, args.cache, args.cores, pace())))


@LINE.command(
    option("spec", help="name, source and options, as JSON"),
    option("--out", type=Path, required=True),
    option("--key", help="refuse files that changed since the plan gave this name"),
    listed=False,
    job=True,
    libraries=["sklearn.datasets"],
)
def data(args: argparse.Namespace) -> None:
    """Make one dataset, named by its specification as the plan writes it."""
    from experiments.datasets import Data, prepare

    prepare(Data.from_json(args.spec), args.out, args.key)


@LINE.command(
    option("--plan", type=Path, required=True),
    option("--data", type=Path, required=True),
    option("--out", type=Path, required=True),
    CACHE,
    listed=False,
    job=True,
)
def train(args: argparse.Namespace) -> None:
    """Train the runs of one job."""
    from experiments.training import read_job, run_job, write_job

    job = read_job(args.plan, args.out.stem)
    results = run_job(job["specs"], job["classes"], args.data, args.cache)
    write_job(args.out, job["specs"], results, args.data)


@LINE.command(
    option("--plan", type=Path, required=True),
    option("--data", type=Path, required=True),
    option("--tuning", type=Path, required=True, help="folder of the tuning jobs' results"),
    option("--out", type=Path, required=True),
    CACHE,
    listed=False,
    job=True,
)
def confirm(args: argparse.Namespace) -> None:
    """Choose the tuned values and train fresh runs there, on new splits: one job."""
    from experiments.training import confirm_job, read_job

    job = read_job(args.plan, args.out.stem)
    confirm_job(job, args.tuning, args.data, args.cache, args.out)


@LINE.command(
    option("name", help="the sweep: its config's name without .yaml"),
    option("--all", action="store_true", help="all runs, not a sample"),
    option("--sample", type=_at_least_one, default=20, help="how many runs (default 20)"),
    option("--seed", type=int, default=0, help="seed that draws the sample"),
    DATA,
    RESULTS,
)
def verify(args: argparse.Namespace) -> int:
    """Check every file of a finished sweep, train runs of it again and compare the results."""
    from experiments.results import stored_plan, verify_files
    from experiments.results import verify as compare
    from experiments.schema import find_sweep

    results = find_sweep(args.name, args.results)
    sample = None if args.all else args.sample
    whole = verify_files(results)
    good = compare(stored_plan(results), results, args.data, sample=sample, seed=args.seed)
    return 0 if whole and good else 1


@LINE.command(
    *SWEEP,
    *STEP,
    option("--expect", help="refuse another plan than the one with this signature"),
    step="plan",
    listed=False,
)
def write_plan(args: argparse.Namespace) -> None:
    """Write the plan: the copy of the config that all rules read, and the jobs' runs."""
    from experiments.base import write_text
    from experiments.plan import make_plan, signature
    from experiments.schema import freeze
    from experiments.training import plan_lines

    made = make_plan(args.config, args.changes, **_resources(args))
    if args.expect and args.expect != signature(made):
        raise UserError(f"{args.config} was changed while Snakemake started; run it again")
    freeze(made.config, str(args.config), args.results, args.changes)
    write_text(args.results / files.PLAN, "".join(plan_lines(made)))


@LINE.command(
    *STEP,
    CACHE,
    option("--partial", action="store_true", help="accept that results are missing"),
    step="collect",
    listed=False,
)
def collect(args: argparse.Namespace) -> None:
    """Collect the results of the jobs into runs.parquet, runs.csv and curves.parquet."""
    from experiments.plan import frozen_plan
    from experiments.results import collect as collect_results

    made = frozen_plan(args.results)
    collect_results(made, args.results, args.data, args.cache, args.partial)


@LINE.command(*STEP, step="provenance", listed=False)
def provenance(args: argparse.Namespace) -> None:
    """Write what the results came from: the config, the data, the code and the machine."""
    from experiments.plan import frozen_plan
    from experiments.results import write_provenance

    made = frozen_plan(args.results)
    write_provenance(made, args.results / files.CONFIG, args.results, args.data)


@LINE.command(*STEP, PROCESSES, step="tables", listed=False)
def tables(args: argparse.Namespace) -> None:
    """Write the tables of a sweep's comparisons."""
    from experiments.results import opened, write_tables

    write_tables(opened(args.results), args.results / files.TABLES, args.processes)


@LINE.command(
    *STEP,
    step="baselines",
    listed=False,
    libraries=["sklearn.linear_model", "sklearn.neural_network"],
)
def baselines(args: argparse.Namespace) -> None:
    """Test simple classifiers on each dataset, for comparison."""
    from experiments.plan import frozen_plan
    from experiments.results import write_baselines

    made = frozen_plan(args.results)
    level, path = made.config.statistics.level, args.results / files.BASELINES
    write_baselines(made.data.values(), args.data, level, path)


@LINE.command(*STEP, CACHE, step="equations", listed=False)
def equations(args: argparse.Namespace) -> None:
    """Check every numbered equation of the note, as printed and as corrected."""
    from experiments.equations import write_equations

    write_equations(args.results / files.EQUATIONS, args.cache)


@LINE.command(*STEP, CACHE, step="probes", listed=False)
def probes(args: argparse.Namespace) -> None:
    """Run the three small experiments behind the claims N4, N5 and N6."""
    from experiments.probes import write_probes

    write_probes(args.results / files.PROBES, args.cache)


@LINE.command(*STEP, step="claims", listed=False)
def claims(args: argparse.Namespace) -> None:
    """Put the claims to the test, and again with each program of the companion study."""
    from experiments.claims import write_claims, write_programs
    from experiments.results import opened

    results = opened(args.results)
    write_claims(results, args.results / files.TABLES, args.results / files.CLAIMS)
    write_programs(results, args.results / files.PROGRAMS)


@LINE.command(
    option("--out", type=Path, default=Path("results/benchmark")),
    option("--results", type=Path, default=Path("results/default")),
    option("--quick", action="store_true", help="small pieces, to try the machinery"),
)
def benchmark(args: argparse.Namespace) -> None:
    """Measure the speed of training, next to that of the alternatives."""
    from experiments.benchmark import run_benchmark, spoken

    held = run_benchmark(args.out, quick=args.quick, results=args.results)
    if args.quick:
        print("measured on small pieces, to try the machinery: the figures say nothing of speed")
    else:
        print("\n".join(spoken(held)))
    print(f"all measurements: {args.out / 'benchmark.csv'}")


@LINE.command(
    option("folder", type=Path, help="for growth.csv"),
    option("--runs", type=int, nargs="+", help="by default 1,000, 10,000 and 100,000"),
    option("--plan", action="store_true", help="plan alone, as the process that is measured does"),
)
def growth(args: argparse.Namespace) -> None:
    """Measure how time and memory grow with the number of runs, on made-up results."""
    from experiments.benchmark import RUNS, run_growth, run_plan

    if args.plan:
        run_plan(args.folder)
    else:
        run_growth(args.folder, args.runs or RUNS)


@LINE.command(
    option("--results", type=Path, default=Path("results/default"), help="folder of the sweep"),
    option("--out", type=Path, default=Path("results/benchmark/breakdown.csv")),
)
def breakdown(args: argparse.Namespace) -> None:
    """Write where the time of a finished sweep went, from Snakemake's timings."""
    from experiments.benchmark import write_breakdown

    write_breakdown(args.results, args.out)


@LINE.command(
    option(
        "what",
        nargs="?",
        help="a family such as costs, the word datasets, or the name of a dataset; by default all"
        " families",
    ),
    name="list",
)
def list_(args: argparse.Namespace) -> None:
    """List every component with its formula and equation, or the datasets with their options."""
    from experiments.schema import describe

    print("\n".join(describe(args.what)))


@LINE.command(
    option("run", metavar="RUN_ID", help="a run's name or the beginning of one"),
    option("--redo", action="store_true", help="train it again, alone, and compare"),
    RESULTS,
    DATA,
)
def show(args: argparse.Namespace) -> None:
    """Show a run: its settings, its results and the commands that train it again."""
    from experiments.results import show_run

    for line in show_run(args.run, args.results, args.data, redo=args.redo):
        print(line)


@LINE.command(
    option("run", metavar="RUN_ID", nargs="?", help="a run's name or the beginning of one"),
    option("--out", type=Path, required=True, metavar="FILE", help="where to write it"),
    option(
        "--format", choices=["npz", "sklearn", "onnx"], default="npz",
        help="npz for mlp.load; sklearn: a fitted pipeline of scikit-learn's, for skops; or onnx",
    ),
    option("--best", action="store_true", help="the run of the best arm, by validation alone"),
    option("--study", help="with --best: the study"),
    option("--dataset", help="with --best: the dataset"),
    option("--sweep", help="the sweep; with --best it is default, unless another is given"),
    RESULTS,
    DATA,
)  # fmt: skip
def model(args: argparse.Namespace) -> None:
    """Train a run again, compare it bit by bit, and write its network for others to use."""
    from experiments.base import atomic
    from experiments.results import Model, check_format, save_onnx, save_sklearn
    from experiments.results import model as had_back

    check_format(args.format)
    if not args.out.absolute().parent.is_dir():
        raise UserError(f"{args.out} cannot be written: there is no folder {args.out.parent}")
    if args.out.exists() and not args.out.is_file():
        raise UserError(f"{args.out} cannot be written: it is there, and is no file")
    found = had_back(*_which_run(args), args.data)
    save = {"npz": Model.save, "sklearn": save_sklearn, "onnx": save_onnx}[args.format]
    with atomic(args.out) as path:
        save(found, path)
    print(f"{args.out}: the {found.net.shape} network of run {found.run_id}, its records the same")
    if not found.raw:
        print(
            "note: missing values are filled before its first layer: give it samples of the data's "
            "parts, not raw ones"
        )
    if found.parts["test"].labels is not None:
        _print_scores(found)


def _which_run(args: argparse.Namespace) -> tuple[Path, str]:
    """Return the folder of the sweep and the name of the run that `model` is asked for."""
    from experiments.results import best_run, find_run
    from experiments.schema import find_sweep

    if not args.best:
        if args.run is None or args.study or args.dataset:
            raise UserError("say which run: RUN_ID, or --best --study STUDY --dataset DATASET")
        sweep = find_sweep(args.sweep, args.results).name if args.sweep else "*"
        folder, rows, _ = find_run(args.run, args.results, sweep)
        return folder, rows["run_id"].iloc[0]
    if args.run is not None or not (args.study and args.dataset):
        raise UserError("--best needs --study STUDY and --dataset DATASET, and no RUN_ID")
    folder = find_sweep(args.sweep or "default", args.results)
    best = best_run(folder, args.study, args.dataset)
    print(best.reason)
    return folder, best.run_id


def _print_scores(found: Any) -> None:
    """Print how a network does on its test part: the confusion matrix and the scores."""
    from experiments.base import aligned

    print("test samples by class (row) and by what the network says (column):")
    print("\n".join(aligned([[str(n) for n in row] for row in found.confusion()])))
    classes, overall = found.report()
    print(f"\n{classes.round(4).to_string()}\n")
    print("\n".join(aligned([(name, f"{value:.4f}") for name, value in overall.items()])))


@LINE.command(
    option("a", type=Path, metavar="A", help="a folder of results, such as results/default"),
    option("b", type=Path, metavar="B", help="another"),
    option("--out", type=Path, metavar="FILE.html", help="also write a page that needs no network"),
)
def compare(args: argparse.Namespace) -> int:
    """Compare two folders of results: runs bit by bit, and verdicts; exit code 1 if they differ."""
    from experiments.plan import become
    from experiments.results import compare as compared
    from experiments.results import in_words

    if args.out:  # pages are made by the reports, which no module of the experiments imports
        become("reports", "compare", str(args.a), str(args.b), "--out", str(args.out))
    found = compared(args.a, args.b)
    print("\n".join(in_words(found)))
    return 0 if found.same else 1


@LINE.command(
    option("configs", type=_config, nargs="*", help="more configs whose runs are kept"),
    option(
        "--without",
        type=_config,
        action="append",
        default=[],
        metavar="CONFIG",
        help="a config whose runs need not be kept; may be given several times",
    ),
    option("--yes", action="store_true", help="delete what is not in use"),
    RESULTS,
    DATA,
    CACHE,
)
def clean(args: argparse.Namespace) -> None:
    """List cached runs that no config has, and unfinished files; delete them with --yes."""
    from experiments.results import clean as clean_cache
    from experiments.schema import project_configs

    let_go = {path.resolve() for path in args.without}
    named = [*project_configs(), *args.configs]
    configs = [path for path in named if path.resolve() not in let_go]
    for line in clean_cache(configs, args.data, args.cache, args.yes, args.results):
        print(line)


@LINE.command()
def schema(args: argparse.Namespace) -> None:
    """Write the JSON schema of a config and the reference of its keys."""
    from experiments.results import MEANINGS
    from experiments.schema import write_schema

    print("\n".join(write_schema(MEANINGS)))


def main(words: Sequence[str] | None = None) -> int:
    """Do what some words say, by default those of the process; return the exit code."""
    return LINE.run(words)


def console() -> int:
    """Do the same as the console command `mlp-sweep`."""
    return LINE.run(program="mlp-sweep")


if __name__ == "__main__":
    raise SystemExit(main())
