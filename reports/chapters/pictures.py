"""The pictures next to the comparisons that the config asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reports.page import Html, figure, heading, literal
from reports.reading import read_json

if TYPE_CHECKING:
    from reports.chapters import Report


def chapter(report: Report) -> Iterator[Html]:
    """Yield each picture that was drawn, with its heading."""
    for name in report.config.pictures:
        image = report.folder / "figures" / f"{name}.svg"
        facts = image.with_suffix(".json")
        if image.exists() and facts.exists():
            said = read_json(facts)
            yield heading(said["title"], name)
            text = f"{literal(said['caption'])} Redo: `{said['command']}`"
            yield figure(image, said["alt"], text, f"fig-{name}", wide=True)
