"""The command line of the reports: python -m reports {figures,explorer} ..."""

import argparse
import sys
from pathlib import Path

from experiments.errors import UserError
from experiments.results import Results
from experiments.schema import load


def figures(args: argparse.Namespace) -> None:
    """Draw the figures of a sweep."""
    from reports.figures import write_figures
    from reports.pictures import write_pictures
    from reports.probes import write_probe_figure

    results = Results(args.results, load(args.config))
    write_figures(results, args.results / "figures")
    write_probe_figure(results, args.results / "figures")
    write_pictures(results, args.results / "figures")


def explorer(args: argparse.Namespace) -> None:
    """Write the page in which a reader explores the runs of a sweep."""
    from reports.explorer import write_explorer

    write_explorer(args.results, args.out)


def main(argv: list[str] | None = None) -> int:
    """Run a command; print a message for people where it cannot be done."""
    top = argparse.ArgumentParser(prog="python -m reports", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    sub = commands.add_parser("figures", help=figures.__doc__)
    sub.add_argument("config", type=Path)
    sub.add_argument("results", type=Path)
    sub.set_defaults(call=figures)
    sub = commands.add_parser("explorer", help=explorer.__doc__)
    sub.add_argument("results", type=Path)
    sub.add_argument("out", type=Path)
    sub.set_defaults(call=explorer)
    args = top.parse_args(argv)
    try:
        args.call(args)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
