"""How to make the report again, and the words that it uses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from experiments.base import files
from reports.page import Html, bullets, paragraph

if TYPE_CHECKING:
    from reports.chapters import Report

WORDS = Path(__file__).with_name("glossary.yaml")


def again(report: Report) -> Iterator[Html]:
    """Yield the commands that make the results, or a part of them, again."""
    as_pdf = f"snakemake --cores 2 figures_pdf {report.frames.options}"
    said = {
        "everything": report.frames.sweep_command,
        "the claims": report.frames.command(files.CLAIMS),
        "the figures": report.frames.command(f"{files.FIGURES}/{files.CAPTIONS}"),
        "the figures as PDF": as_pdf,
        "the equations": report.frames.command(files.EQUATIONS),
        "one run": "python -m experiments show RUN_ID",
    }
    yield bullets([f"{name}: `{command}`" for name, command in said.items()])
    yield paragraph(
        f"Where the numbers come from, with versions and checksums, is [for referees]"
        f"({files.APPENDIX}#provenance)."
    )


def glossary(report: Report) -> Iterator[Html]:
    """Yield the words of the page, each in a line."""
    words = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    entries = [Html("<dt>{}</dt><dd>{}</dd>").format(term, said) for term, said in words.items()]
    yield Html('<dl class="glossary">{}</dl>').format(Html("").join(entries))
