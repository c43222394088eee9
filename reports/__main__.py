"""The command line of the reports: python -m reports {figures,explorer,picture,captions} ..."""

import argparse
import sys
from pathlib import Path

from experiments.errors import UserError
from experiments.results import Results
from experiments.schema import load


def figures(args: argparse.Namespace) -> None:
    """Draw the figures of a sweep."""
    from reports.figures import write_figures
    from reports.figures.pictures import write_pictures

    results = Results(args.results, load(args.config))
    if note := write_figures(results, args.results / "figures"):
        print(note, file=sys.stderr)
    write_pictures(results, args.results / "figures")


def picture(args: argparse.Namespace) -> None:
    """Draw one picture that needs no results, as SVG and PDF."""
    from reports.figures.pictures import draw_picture

    draw_picture(args.name, args.out)


def captions(args: argparse.Namespace) -> None:
    """Write the captions of Snakemake's own report, which follow from the code."""
    from reports.caption_files import write_captions

    write_captions()


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
    sub = commands.add_parser("picture", help=picture.__doc__)
    sub.add_argument("name")
    sub.add_argument("out", type=Path)
    sub.set_defaults(call=picture)
    sub = commands.add_parser("captions", help=captions.__doc__)
    sub.set_defaults(call=captions)
    args = top.parse_args(argv)
    try:
        args.call(args)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
