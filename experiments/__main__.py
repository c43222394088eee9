"""The command line: python -m experiments COMMAND."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

# one BLAS thread, set before NumPy is imported: with two, products round differently
for _name in ("OPENBLAS", "MKL", "OMP", "BLIS", "VECLIB_MAXIMUM"):
    os.environ[f"{_name}_NUM_THREADS"] = "1"

from experiments.base import UserError  # noqa: E402
from experiments.schema import CONFIGS, find_config, find_sweep  # noqa: E402

DEFAULT_CACHE = os.environ.get("MLP_CACHE") or "results/cache"
DEFAULT_CONFIG = CONFIGS / "default.yaml"


def data(args: argparse.Namespace) -> None:
    """Make one dataset, named by its specification as the plan writes it."""
    from experiments.datasets import Data
    from experiments.datasets.making import prepare

    prepare(Data.from_json(args.spec), args.out, args.key)


def plan(args: argparse.Namespace) -> None:
    """Say what a sweep will do: runs that are new, cached, stale or left out, and why."""
    from experiments.plan import describe, make_plan

    made = make_plan(args.config, **_resources(args))
    print("\n".join(describe(made, args.data, args.cache, args.cores)))


def train(args: argparse.Namespace) -> None:
    """Train the runs of one job."""
    from experiments.training import read_job, run_job, write_job

    job = read_job(args.plan, args.out.stem)
    results = run_job(job["specs"], job["classes"], args.data, args.cache)
    write_job(args.out, job["specs"], results, args.data)


def verify(args: argparse.Namespace) -> int:
    """Check every file of a finished sweep, train runs of it again and compare the results."""
    from experiments.results import stored_plan, verify_files
    from experiments.results import verify as compare

    results = find_sweep(args.name, args.results)
    sample = None if args.all else args.sample
    whole = verify_files(results)
    good = compare(stored_plan(results), results, args.data, sample=sample, seed=args.seed)
    return 0 if whole and good else 1


def write_plan(args: argparse.Namespace) -> None:
    """Write the plan: the copy of the config that all rules read, and the jobs' runs."""
    from experiments.base import write_text
    from experiments.plan import make_plan, signature
    from experiments.schema import freeze
    from experiments.training import plan_lines

    made = make_plan(args.config, **_resources(args))
    if args.expect and args.expect != signature(made):
        raise UserError(f"{args.config} was changed while Snakemake started; run it again")
    freeze(made.config, str(args.config), args.results)
    write_text(args.results / "plan.txt", "".join(plan_lines(made)))


def collect(args: argparse.Namespace) -> None:
    """Collect the results of the jobs into runs.parquet, runs.csv and curves.parquet."""
    from experiments.plan import frozen_plan
    from experiments.results import collect as collect_results

    made = frozen_plan(args.results)
    collect_results(made, args.results, args.data, args.cache, args.partial)


def provenance(args: argparse.Namespace) -> None:
    """Write what the results came from: the config, the data, the code and the machine."""
    from experiments.plan import frozen_plan
    from experiments.results import write_provenance
    from experiments.schema import NAME

    made = frozen_plan(args.results)
    write_provenance(made, args.results / NAME, args.results, args.data)


def tables(args: argparse.Namespace) -> None:
    """Write the tables of a sweep's comparisons."""
    from experiments.results import Results, write_tables
    from experiments.schema import frozen_config

    write_tables(Results(args.results, frozen_config(args.results)), args.results / "tables")


def equations(args: argparse.Namespace) -> None:
    """Check every numbered equation of the note, as printed and as corrected."""
    from experiments.equations import write_equations

    write_equations(args.results / "equations.csv")


def benchmark(args: argparse.Namespace) -> None:
    """Measure the speed of training beside what people would use instead."""
    from experiments.benchmark import run_benchmark
    from experiments.benchmark.bars import spoken

    held = run_benchmark(args.out, quick=args.quick, results=args.results)
    if args.quick:
        print("measured on small pieces, to try the machinery: the figures say nothing of speed")
    else:
        print("\n".join(spoken(held)))
    print(f"all measurements: {args.out / 'benchmark.csv'}")


def probes(args: argparse.Namespace) -> None:
    """Run the three small experiments behind the claims N4, N5 and N6."""
    from experiments.probes import write_probes

    write_probes(args.results / "probes")


def claims(args: argparse.Namespace) -> None:
    """Put the claims to the test."""
    from experiments.claims import write_claims, write_published
    from experiments.results import Results
    from experiments.schema import frozen_config

    results = Results(args.results, frozen_config(args.results))
    write_claims(results, args.results / "tables", args.results / "claims.csv")
    write_published(results, args.results / "published.csv")


def list_(args: argparse.Namespace) -> None:
    """List every component by family with its formula and equation, or the datasets."""
    from experiments.results import describe_components, describe_datasets

    lines = describe_datasets() if args.what == "datasets" else describe_components(args.what)
    print("\n".join(lines))


def show(args: argparse.Namespace) -> None:
    """Show a run: its spec, its results, the command that redoes it, its learning curve."""
    from experiments.results import show_run

    for line in show_run(args.run, args.results, args.data, redo=args.redo):
        print(line)


def clean(args: argparse.Namespace) -> None:
    """Say what no config refers to, and what interrupted writes left; delete it with --yes."""
    from experiments.results import clean as clean_cache
    from experiments.results import project_configs

    configs = [*project_configs(), *args.configs]
    for line in clean_cache(configs, args.data, args.cache, args.yes, args.results):
        print(line)


def schema(args: argparse.Namespace) -> None:
    """Write the JSON schema of a config and the reference of its keys."""
    from experiments.results import write_schema

    print("\n".join(write_schema()))


def _resources(args: argparse.Namespace) -> dict:
    given = {name: getattr(args, name) for name in ("job_seconds", "memory_mb")}
    return {name: value for name, value in given.items() if value is not None}


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, found {text!r}")
    return int(text)


def _recipe(text: str) -> dict:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise argparse.ArgumentTypeError(f"expected a mapping as JSON, found {text[:60]!r}")
    return found


def add_step_options(sub: argparse.ArgumentParser) -> None:
    """Add what the command of a step takes: where it works, and what its receipt shall say."""
    sub.add_argument("--results", type=Path, required=True, help="folder of the sweep")
    sub.add_argument("--data", type=Path, default=Path("data"))
    sub.add_argument(
        "--recipe", type=_recipe, help="for Snakemake: the code and the parts of the config used"
    )


def write_receipt(args: argparse.Namespace, figures: Sequence[str] = ()) -> None:
    """Note what a step was made from, where Snakemake has told what that is."""
    if getattr(args, "recipe", None) is not None:
        from experiments.plan import done

        done(args.step, args.results, args.data, args.recipe, figures)


def parser() -> argparse.ArgumentParser:
    """Return the parser; a command is a function of this module, its text the docstring."""
    top = argparse.ArgumentParser(prog="python -m experiments", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(function, name=None, hidden=False):
        summary = function.__doc__.splitlines()[0]
        sub = commands.add_parser(
            name or function.__name__, description=summary, **({} if hidden else {"help": summary})
        )
        sub.set_defaults(call=function)
        return sub

    def step(function, name=None, called=None):
        sub = command(function, called)
        sub.set_defaults(step=name or function.__name__)
        add_step_options(sub)
        return sub

    def sweep(sub):
        sub.add_argument(
            "config", type=find_config, nargs="?", default=DEFAULT_CONFIG,
            help=f"a path, or the name of one in {CONFIGS}",
        )  # fmt: skip
        for option in ("--job-seconds", "--memory-mb"):
            sub.add_argument(option, type=float, help="instead of the config's")
        return sub

    sub = sweep(command(plan))
    sub.add_argument("--data", type=Path, default=Path("data"), help="folder of the data")
    sub.add_argument("--cache", type=Path, default=Path(DEFAULT_CACHE))
    sub.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    sub = command(data)
    sub.add_argument("spec", help="source and options, as JSON")
    sub.add_argument("--key", help="refuse files that changed since the plan gave this name")
    sub.add_argument("--out", type=Path, required=True)
    sub = command(train)
    for name in ("plan", "data", "out"):
        sub.add_argument(f"--{name}", type=Path, required=True)
    sub.add_argument("--cache", type=Path, default=Path(DEFAULT_CACHE))
    sub = command(verify)
    sub.add_argument("name", help="the sweep: the stem of its config")
    sub.add_argument("--all", action="store_true", help="all runs, not a sample")
    sub.add_argument("--sample", type=_at_least_one, default=20, help="so many runs")
    sub.add_argument("--seed", type=int, default=0, help="of the sample")
    sub.add_argument("--data", type=Path, default=Path("data"))
    sub.add_argument("--results", type=Path, default=Path("results"))
    sub = sweep(step(write_plan, "plan", "write-plan"))
    sub.add_argument("--expect", help="refuse another plan than the one with this signature")
    sub = step(collect)
    sub.add_argument("--cache", type=Path, default=Path(DEFAULT_CACHE))
    sub.add_argument("--partial", action="store_true", help="accept that results are missing")
    for function in (provenance, tables, equations, probes, claims):
        step(function)
    sub = command(benchmark)
    sub.add_argument("--out", type=Path, default=Path("results/benchmark"))
    sub.add_argument("--results", type=Path, default=Path("results/default"))
    sub.add_argument("--quick", action="store_true", help="small pieces, to try the machinery")
    sub = command(list_, "list")
    sub.add_argument("what", nargs="?", help="a family such as costs, or datasets; by default all")
    sub = command(show)
    sub.add_argument("run", metavar="RUN_ID", help="a run's name or the beginning of one")
    sub.add_argument("--redo", action="store_true", help="train it again, alone, and compare")
    sub.add_argument("--results", type=Path, default=Path("results"))
    sub.add_argument("--data", type=Path, default=Path("data"))
    sub = command(clean)
    sub.add_argument(
        "configs", type=find_config, nargs="*", help="configs to keep beside the project's"
    )
    sub.add_argument("--yes", action="store_true", help="delete what is not in use")
    sub.add_argument("--results", type=Path, default=Path("results"), help="for what was begun")
    sub.add_argument("--data", type=Path, default=Path("data"))
    sub.add_argument("--cache", type=Path, default=Path(DEFAULT_CACHE))
    command(schema)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run a command; print a message for people where it cannot be done."""
    try:
        args = parser().parse_args(argv)
        code = args.call(args) or 0
        write_receipt(args)
        return code
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
