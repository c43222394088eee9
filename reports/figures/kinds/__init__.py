"""The kinds of a comparison's figures. Every module of this package is a kind, found by import."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from experiments.schema import Config, comparisons
from reports.figures.sheets import Kind, Sheet

_FOUND: list[Kind] = [
    import_module(f"{__name__}.{module.name}").KIND for module in iter_modules(__path__)
]

KINDS: Mapping[str, Kind] = {
    kind.name: kind for kind in sorted(_FOUND, key=lambda kind: kind.order)
}
"""All kinds by their names, in the order in which a comparison's figures are drawn."""


def sheets_of(config: Config) -> Iterator[Sheet]:
    """Yield the figures of a sweep, comparison by comparison."""
    for comparison in comparisons(config):
        for kind in KINDS.values():
            blocks = kind.wanted(config, comparison)
            for number, (datasets, facets) in enumerate(blocks, start=1):
                end = f"-{number}" if len(blocks) > 1 else ""
                name = f"{comparison.name}-{kind.name}{end}"
                yield Sheet(name, kind.name, comparison, datasets, facets)


def figure_names(config: Config) -> list[str]:
    """Return the stems of the comparisons' figures, for the workflow's list of outputs."""
    return [sheet.name for sheet in sheets_of(config)]
