"""The pictures next to the comparisons that the config asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reports.page import Html, figure, heading, literal

if TYPE_CHECKING:
    from reports.chapters import Report


def chapter(report: Report) -> Iterator[Html]:
    """Yield each picture that was drawn, with its heading."""
    for name in report.config.pictures:
        if said := report.picture(name):
            yield heading(said["title"], name)
            text = f"{literal(said['caption'])} Redo: `{said['command']}`"
            yield figure(report.image(name), said["alt"], text, f"fig-{name}", wide=True)
