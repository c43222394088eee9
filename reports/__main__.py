"""The command line of the reports: python -m reports {figures,page,explorer,picture,captions}."""

import argparse
import sys
from pathlib import Path

from experiments.__main__ import add_step_options, write_receipt
from experiments.base import UserError


def figures(args: argparse.Namespace) -> None:
    """Draw the figures of a sweep."""
    from experiments.results import Results
    from experiments.schema import frozen_config
    from reports.figures import write_figures
    from reports.figures.pictures import write_pictures

    results = Results(args.results, frozen_config(args.results))
    if note := write_figures(results, args.results / "figures"):
        print(note, file=sys.stderr)
    write_pictures(results, args.results / "figures")


def page(args: argparse.Namespace) -> None:
    """Write the report of a sweep, as a notebook and as a page that needs no network."""
    from reports.page import HERE, PageError, build

    try:
        build(
            HERE / "report.py", args.results, args.results / "report.ipynb",
            args.results / "report.html",
        )  # fmt: skip
    except PageError as error:
        raise UserError(str(error)) from None


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

    write_explorer(args.results, args.results / "explorer.html")


def main(argv: list[str] | None = None) -> int:
    """Run a command; print a message for people where it cannot be done."""
    top = argparse.ArgumentParser(prog="python -m reports", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for function, step in ((figures, "figures"), (page, "report"), (explorer, "explorer")):
        sub = commands.add_parser(function.__name__, help=function.__doc__)
        sub.set_defaults(call=function, step=step)
        add_step_options(sub)
    sub = commands.add_parser("picture", help=picture.__doc__)
    sub.add_argument("name")
    sub.add_argument("out", type=Path)
    sub.set_defaults(call=picture)
    sub = commands.add_parser("captions", help=captions.__doc__)
    sub.set_defaults(call=captions)
    args = top.parse_args(argv)
    try:
        args.call(args)
        write_receipt(args, _figures(args))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _figures(args: argparse.Namespace) -> list[str]:
    if args.recipe is None:
        return []
    from experiments.schema import frozen_config
    from reports.figures import figure_files

    return figure_files(frozen_config(args.results))


if __name__ == "__main__":
    sys.exit(main())
