"""The small experiments behind the claims N4, N5 and N6."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reports.chapters.tables import heaviside_table, path_table, start_table
from reports.page import Html, figure, heading, is_wide, table
from reports.reading import read_csv

if TYPE_CHECKING:
    from reports.chapters import Report


def chapter(report: Report) -> Iterator[Html]:
    """Yield what each probe measured; nothing if they were not run."""
    if not report.has_probes:
        return
    folder = report.folder / "probes"
    names = ("path", "heaviside", "start", "start-curves")
    path, heaviside, start, curves = (read_csv(folder / f"{name}.csv") for name in names)
    redo = report.redo("probes/start.csv")
    yield heading("N4: one sigmoid unit and two softmax units", "probe-path", 3)
    yield from _picture(report, "path")
    yield table(
        path_table(path),
        "tab-probe-path",
        "Largest relative deviation of one sigmoid unit that starts at the difference of the two "
        "softmax units, by the step size and penalty of its output layer, over "
        f"{path['seed'].nunique()} seeds. {redo}",
    )
    yield heading("N5: below a Heaviside layer", "probe-heaviside", 3)
    yield table(
        heaviside_table(heaviside),
        "tab-probe-heaviside",
        "Gradients of the layers of networks with a Heaviside layer, with an L2 penalty: the "
        f"data's, and what is left of the whole once λW is taken away. {redo}",
    )
    yield heading("N6: from a saturated start", "probe-start", 3)
    yield from _picture(report, "start")
    yield table(
        start_table(start, int(curves["epoch"].max())),
        "tab-probe-start",
        "Epochs until the outputs are right again, one update an epoch, each pair at the step "
        f"size of the lowest validation cost at the end. {redo}",
    )


def _picture(report: Report, probe: str) -> Iterator[Html]:
    """Yield the figure of a probe, if it has been drawn."""
    name = f"probes-{probe}"
    if said := report.picture(name):
        text = f"{said['caption']} Redo: `{said['command']}`"
        image = report.image(name)
        yield figure(image, said["alt"], text, f"fig-probe-{probe}", wide=is_wide(image))
