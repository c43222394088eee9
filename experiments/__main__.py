"""The command line: python -m experiments COMMAND."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from experiments.results import Results

# one BLAS thread, set before NumPy is imported: with two, products round differently
for _name in ("OPENBLAS", "MKL", "OMP", "BLIS", "VECLIB_MAXIMUM"):
    os.environ[f"{_name}_NUM_THREADS"] = "1"

from experiments.errors import UserError  # noqa: E402
from experiments.naming import CONFIGS, find_config, find_sweep  # noqa: E402

DEFAULT_CACHE = os.environ.get("MLP_CACHE") or "results/cache"
DEFAULT_CONFIG = CONFIGS / "default.yaml"


def data(args: argparse.Namespace) -> None:
    """Make one dataset, named by its specification as the plan writes it."""
    from experiments.plan import Data
    from experiments.prepare import prepare

    prepare(Data.from_json(args.spec), args.out)


def plan(args: argparse.Namespace) -> None:
    """Say what a sweep will do: runs that are new, cached, stale or left out, and why."""
    from experiments.plan import make_plan
    from experiments.status import describe

    made = make_plan(args.config, **_resources(args))
    print("\n".join(describe(made, args.data, args.cache, args.cores)))


def train(args: argparse.Namespace) -> None:
    """Train the runs of one job."""
    from experiments.planfile import read_job
    from experiments.train import run_job, write_job

    job = read_job(args.plan, args.out.stem)
    results = run_job(job["specs"], job["classes"], args.data, args.cache)
    write_job(args.out, job["specs"], results, args.data)


def verify(args: argparse.Namespace) -> int:
    """Train runs of a finished sweep again and compare them with its results."""
    from experiments.verify import stored_plan
    from experiments.verify import verify as compare

    results = find_sweep(args.name, args.results)
    sample = None if args.all else args.sample
    good = compare(stored_plan(results), results, args.data, sample=sample, seed=args.seed)
    return 0 if good else 1


def write_plan(args: argparse.Namespace) -> None:
    """Write the plan's file, from which the train jobs read their runs."""
    from experiments.plan import make_plan
    from experiments.planfile import plan_lines
    from experiments.store import write_text

    write_text(args.out, "".join(plan_lines(make_plan(args.config, **_resources(args)))))


def collect(args: argparse.Namespace) -> None:
    """Collect the results of the jobs into runs.parquet, runs.csv and curves.parquet."""
    from experiments.collect import collect as collect_results
    from experiments.plan import make_plan
    from experiments.provenance import write_provenance

    made = make_plan(args.config, **_resources(args))
    collect_results(made, args.results, args.data, args.cache, args.partial)
    write_provenance(made, args.config, args.results, args.data)


def tables(args: argparse.Namespace) -> None:
    """Write the tables of a sweep's comparisons, and what the note's equations come to."""
    from experiments.tables import write_tables

    write_tables(_results(args), args.results / "tables")


def equations(args: argparse.Namespace) -> None:
    """Check every numbered equation of the note, as printed and as corrected."""
    from experiments.equations import write_equations

    write_equations(args.out)


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
    from experiments.paths import write_probes

    write_probes(args.out)


def claims(args: argparse.Namespace) -> None:
    """Put the claims to the test."""
    from experiments.claims import write_claims
    from experiments.published import write_published

    results = _results(args)
    write_claims(results, args.results / "tables", args.results / "claims.csv")
    write_published(results, args.results / "published.csv")


def list_(args: argparse.Namespace) -> None:
    """List every component by family with its formula and equation, or the datasets."""
    from experiments.commands import describe_components, describe_datasets

    lines = describe_datasets() if args.what == "datasets" else describe_components(args.what)
    print("\n".join(lines))


def show(args: argparse.Namespace) -> None:
    """Show a run: its spec, its results, the command that redoes it, its learning curve."""
    from experiments.commands import show_run

    for line in show_run(args.run, args.results, args.data, redo=args.redo):
        print(line)


def clean(args: argparse.Namespace) -> None:
    """Say what no config refers to, and what interrupted writes left; delete it with --yes."""
    from experiments.commands import clean as clean_cache
    from experiments.commands import project_configs

    configs = [*project_configs(), *args.configs]
    for line in clean_cache(configs, args.data, args.cache, args.yes, args.results):
        print(line)


def schema(args: argparse.Namespace) -> None:
    """Write the JSON schema of a config and the reference of its keys."""
    from experiments.commands import write_schema

    print("\n".join(write_schema()))


def _results(args: argparse.Namespace) -> "Results":
    from experiments.results import Results
    from experiments.schema import load

    return Results(args.results, load(args.config))


def _resources(args: argparse.Namespace) -> dict:
    return {} if args.job_seconds is None else {"job_seconds": args.job_seconds}


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

    def sweep(sub):
        sub.add_argument(
            "config", type=find_config, nargs="?", default=DEFAULT_CONFIG,
            help=f"a path, or the name of one in {CONFIGS}",
        )  # fmt: skip
        sub.add_argument("--job-seconds", type=float)
        sub.add_argument("--data", type=Path, default=Path("data"), help="folder of the data")
        sub.add_argument("--cache", type=Path, default=Path(DEFAULT_CACHE))
        return sub

    sub = sweep(command(plan))
    sub.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    sub = command(data)
    sub.add_argument("spec", help="name, source and options, as JSON")
    sub.add_argument("--out", type=Path, required=True)
    sub = command(train)
    for name in ("plan", "data", "cache", "out"):
        sub.add_argument(f"--{name}", type=Path, required=True)
    sub = command(verify)
    sub.add_argument("name", help="the sweep: the stem of its config")
    sub.add_argument("--all", action="store_true", help="all runs, not a sample")
    sub.add_argument("--sample", type=int, default=20, help="so many runs")
    sub.add_argument("--seed", type=int, default=0, help="of the sample")
    sub.add_argument("--data", type=Path, default=Path("data"))
    sub.add_argument("--results", type=Path, default=Path("results"))
    sub = sweep(command(write_plan, "write-plan"))
    sub.add_argument("--out", type=Path, required=True)
    sub = sweep(command(collect))
    sub.add_argument("--results", type=Path, required=True)
    sub.add_argument("--partial", action="store_true", help="accept that results are missing")
    for function in (tables, claims):
        sub = sweep(command(function))
        sub.add_argument("--results", type=Path, required=True)
    sub = command(benchmark)
    sub.add_argument("--out", type=Path, default=Path("results/benchmark"))
    sub.add_argument("--results", type=Path, default=Path("results/default"))
    sub.add_argument("--quick", action="store_true", help="small pieces, to try the machinery")
    for function in (equations, probes):
        sub = command(function)
        sub.add_argument("--out", type=Path, required=True)
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
        return args.call(args) or 0
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
