"""The command line of the reports: python -m reports COMMAND."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from functools import cache, partial
from itertools import chain
from pathlib import Path

from experiments.__main__ import PROCESSES, STEP, write_receipt
from experiments.base import CommandLine, UserError, files, option


def _receipt(args: argparse.Namespace) -> None:
    """Note what a step was made from; all steps are told which figures there are."""
    if getattr(args, "recipe", None) is not None:
        from experiments.schema import frozen_config
        from reports.figures import figure_files
        from reports.paper_files import paper_files

        config = frozen_config(args.results)
        write_receipt(args, figure_files(config), paper_files(config))


PAGES = (("report", files.NOTEBOOK, files.PAGE), ("appendix", "", files.APPENDIX))
"""The notebooks of this package, and the files that they become."""

LINE = CommandLine("python -m reports", __doc__, after=_receipt)


@LINE.command(*STEP, PROCESSES, step="figures")
def figures(args: argparse.Namespace) -> None:
    """Draw the figures of a sweep."""
    from experiments.results import opened
    from reports.figures import Frames, Kept, write_figures, write_pictures

    results, folder = opened(args.results), args.results / files.FIGURES
    kept = Kept(Frames(results, args.data), folder)
    if note := write_figures(results, folder, kept=kept, processes=args.processes):
        print(note, file=sys.stderr)
    write_pictures(results, folder, kept=kept, processes=args.processes)
    kept.save()


@LINE.command(*STEP, step="figures_pdf")
def figures_pdf(args: argparse.Namespace) -> None:
    """Draw the same figures as PDF."""
    from experiments.results import opened
    from reports.figures import write_figures, write_pictures

    results = opened(args.results)
    write_figures(results, args.results / files.FIGURES, "pdf")
    write_pictures(results, args.results / files.FIGURES, "pdf", args.data)


@LINE.command(*STEP, step="report")
def page(args: argparse.Namespace) -> None:
    """Write the report of a sweep, as a notebook and as a page that needs no network."""
    from experiments.results import plain_texts
    from reports.chapters import Report
    from reports.page import Page, PageError, build_all

    plain_texts()
    folder, here = args.results, Path(__file__).parent
    try:
        facts = Report(folder).facts
        pages = (
            Page(here / f"{name}.py", ipynb and folder / ipynb, folder / html, facts=facts)
            for name, ipynb, html in PAGES
        )
        build_all(pages, folder)
    except PageError as error:
        raise UserError(str(error)) from None


@LINE.command(*STEP, step="explorer")
def explorer(args: argparse.Namespace) -> None:
    """Write the page in which a reader explores the runs of a sweep."""
    from reports.explorer import write_explorer

    write_explorer(args.results, args.results / files.EXPLORER)


@LINE.command(*STEP, step="pdf")
def pdf(args: argparse.Namespace) -> None:
    """Write the report of a sweep for paper, as PDF; needs typst."""
    from reports.printed import write_pdf

    write_pdf(args.results)


@LINE.command(*STEP, step="paper")
def paper(args: argparse.Namespace) -> None:
    """Write figures and tables of a sweep for an article in LaTeX."""
    from experiments.results import opened
    from reports.paper import write_paper

    write_paper(opened(args.results), args.results / files.PAPER)


@LINE.command(*STEP, step="archive")
def archive(args: argparse.Namespace) -> None:
    """Pack code and results of a sweep as NAME.zip, which describes itself; needs rocrate."""
    from reports.archive import write_archive

    write_archive(args.results)


@LINE.command(
    option("a", type=Path, metavar="A", help="a folder of results"),
    option("b", type=Path, metavar="B", help="another"),
    option("--out", type=Path, required=True, metavar="FILE.html", help="where to write the page"),
)
def compare(args: argparse.Namespace) -> int:
    """Compare two folders of results, as the same command of the experiments, and write a page."""
    from experiments.results import compare as compared
    from experiments.results import in_words
    from reports.compared import write_comparison

    found = compared(args.a, args.b)
    print("\n".join(in_words(found)))
    write_comparison(found, args.out)
    print(f"the page: {args.out}")
    return 0 if found.same else 1


@LINE.command(option("socket", type=int, help="the number of the open file"), listed=False)
def prepare(args: argparse.Namespace) -> None:
    """Load the modules of all steps, those of the first step first, and do what is handed over."""
    from experiments.__main__ import LINE as EXPERIMENTS
    from experiments.base import closure, prepared

    modules = cache(closure.modules)

    def needed(line: CommandLine, words: Sequence[str]) -> Iterable[str]:
        return chain(line.commands[words[0]].libraries, modules(line.place(words[0])))

    lines = (EXPERIMENTS, LINE)
    programs = {line.program: prepared.Program(line.run, partial(needed, line)) for line in lines}
    steps = [
        line.place(name)
        for line in lines
        for name, command in line.commands.items()
        if "step" in command.defaults
    ]
    prepared.serve(args.socket, programs, (m for step in steps for m in modules(step)))


@LINE.command(option("name"), option("out", type=Path, help="the folder"))
def picture(args: argparse.Namespace) -> None:
    """Draw one picture that needs no results, as SVG and PDF."""
    from reports.figures import draw_picture

    draw_picture(args.name, args.out)


@LINE.command(option("folder", type=Path, nargs="?", default=Path("results/benchmark")))
def benchmark(args: argparse.Namespace) -> None:
    """Draw what the benchmark measured, and how the costs grow if that was measured."""
    from reports.benchmark_figure import draw_all

    draw_all(args.folder)


@LINE.command()
def captions(args: argparse.Namespace) -> None:
    """Write the captions of Snakemake's own report, which follow from the code."""
    from reports.caption_files import write_captions

    write_captions()


def main(words: Sequence[str] | None = None) -> int:
    """Do what some words say, by default those of the process; return the exit code."""
    return LINE.run(words)


if __name__ == "__main__":
    sys.exit(main())
