"""What figures a sweep has: names and places of their panels, known from the config alone."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from experiments.comparisons import Comparison, comparisons
from experiments.config import Config, axis_label
from experiments.power import smallest_p

KINDS = {
    "heatmap": "accuracy over two axes",
    "curves": "learning curves",
    "accuracy": "accuracy by arm",
    "sensitivity": "accuracy against the tuned setting",
    "mechanics": "gradients and saturation",
    "ranks": "critical differences of the mean ranks",
}
MOST_FACETS = 4  # side by side in one figure
MOST_DATASETS = 6  # in one figure


@dataclass(frozen=True)
class Sheet:
    """One figure: its name, its kind, and the datasets and facets that it shows."""

    name: str
    kind: str
    comparison: Comparison
    datasets: tuple[str, ...]
    facets: tuple[str, ...]


def facets(config: Config, comparison: Comparison) -> list[str]:
    """Return the facets of a comparison as its tables call them; one empty name where none.

    >>> from experiments.config import validate
    >>> content = {"datasets": ["iris"], "compare": "hidden", "tune": "eta",
    ...            "grid": {"hidden": ["tanh", "relu"], "eta": [0.1, 1.0], "epochs": [3, 9]}}
    >>> config = validate({"studies": {"s": content}})
    >>> facets(config, next(comparisons(config)))
    ['epochs 3', 'epochs 9']
    """
    grid = config.studies[comparison.study].grid
    axes = [[f"{axis} {axis_label(v)}" for v in grid[axis]] for axis in comparison.facet_axes]
    return [", ".join(labels) for labels in product(*axes)]


def sheets(config: Config) -> Iterator[Sheet]:
    """Yield the figures of a sweep, comparison by comparison."""
    for comparison in comparisons(config):
        datasets = config.studies[comparison.study].datasets
        places = facets(config, comparison)
        for kind in KINDS:
            if kind == "sensitivity" and len(comparison.tuned_values) < 2:
                continue
            if kind == "ranks" and not _ranks_can_differ(config, comparison):
                continue
            if kind == "heatmap":
                yield from _heatmaps(config, comparison)
                continue
            # these figures are not laid out by dataset
            alone = kind == "ranks" or (kind == "mechanics" and len(places) > 1)
            blocks = list(
                product(
                    _blocks(datasets, len(datasets) if alone else MOST_DATASETS),
                    _blocks(places, MOST_FACETS),
                )
            )
            for number, (some_datasets, some_facets) in enumerate(blocks, start=1):
                end = f"-{number}" if len(blocks) > 1 else ""
                yield Sheet(
                    f"{comparison.name}-{kind}{end}", kind, comparison, some_datasets, some_facets
                )


def second_axis(config: Config, comparison: Comparison) -> str | None:
    """Return the axis that a comparison's heat map has beside its own; None without a map.

    It stands with the first axis of a study that compares just two.
    """
    compared = config.studies[comparison.study].compared
    return compared[1] if len(compared) == 2 and comparison.axis == compared[0] else None


def _heatmaps(config: Config, comparison: Comparison) -> Iterator[Sheet]:
    other = second_axis(config, comparison)
    if other is None:
        return
    rest = tuple(axis for axis in comparison.facet_axes if axis != other)
    places = facets(config, replace(comparison, facet_axes=rest))
    blocks = _blocks(config.studies[comparison.study].datasets, 3)
    for number, (some, place) in enumerate(product(blocks, _blocks(places, MOST_FACETS)), start=1):
        end = f"-{number}" if len(blocks) > 1 or len(places) > MOST_FACETS else ""
        yield Sheet(f"{comparison.name}-heatmap{end}", "heatmap", comparison, some, place)


def _ranks_can_differ(config: Config, comparison: Comparison) -> bool:
    """Return whether there are datasets enough for a test over them to reach the level."""
    arms = len(comparison.arms)
    pairs = len(comparison.pairs or ()) or arms * (arms - 1) // 2
    datasets = len(config.studies[comparison.study].datasets)
    return pairs > 0 and smallest_p(datasets, pairs) <= config.statistics.level


def short(facet: str) -> str:
    """Return a facet without the names of axes whose values speak for themselves.

    >>> short("hidden tanh, epochs 40"), short("epochs updates of 3 epochs")
    ('tanh, epochs 40', 'updates of 3 epochs')
    """
    facet = re.sub(r"(^|, )(?:hidden|pair|cost|output|init|schedule|update) ", r"\1", facet)
    return re.sub(r"(^|, )epochs (?=updates of )", r"\1", facet)


def figure_names(config: Config) -> list[str]:
    """Return the stems of all figures, for the workflow's list of outputs."""
    return [sheet.name for sheet in sheets(config)]


def figure_files(config: Config) -> list[str]:
    """Return the files in the folder of figures: every drawing, and what is said below them."""
    stems = [*figure_names(config), "probes-start", *config.pictures]
    facts = ["captions.json", "probes-start.json", *(f"{name}.json" for name in config.pictures)]
    return [f"{stem}.{ending}" for stem in stems for ending in ("svg", "pdf")] + facts


def _blocks(items: Sequence[str], most: int) -> list[tuple[str, ...]]:
    """Cut a list into as few blocks of about equal length as fit.

    >>> _blocks("abcde", 4)
    [('a', 'b', 'c'), ('d', 'e')]
    """
    count = -(-len(items) // most)
    size, longer = divmod(len(items), count)
    blocks, at = [], 0
    for place in range(count):
        end = at + size + (place < longer)
        blocks.append(tuple(items[at:end]))
        at = end
    return blocks
