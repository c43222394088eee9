"""What figures are: their kinds, and which datasets and facets each shows.

Everything here follows from the config alone, before anything is trained.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Literal

from experiments.datasets import DATASETS
from experiments.schema import Comparison, Config, Dataset, axis_label

if TYPE_CHECKING:
    from reports.figures.drawing import Drawing

MOST_FACETS = 4  # side by side in one figure
MOST_DATASETS = 6  # in one figure
MANY_DATASETS = 8
"""A study of so many datasets has no figures over the epochs: nobody reads them dataset by
dataset."""
QUANTITIES = {"eta": "step size", "lambda": "penalty strength λ", "layers": "hidden neurons"}
SHORT_COSTS = {"mse": "MSE", "cross_entropy": "CE"}
EVERY_SWEEP = ("probes-path", "probes-start")
"""The pictures that every sweep has; others are drawn if the config asks for them."""
SUMMARY = "summary"
"""The picture of every sweep with headline pairs."""
BOTH = 85, 175
"""The widths of figures in papers, in millimetres: a column, and a page."""
PAPER_PICTURES = {SUMMARY: BOTH, "probes-start": BOTH, "probes-path": BOTH}
"""The pictures that papers have, and their widths."""

Block = tuple[tuple[str, ...], tuple[str, ...]]
"""The datasets and the facets of one figure."""

Section = Literal["means", "curves", "steps", "ranks", "why"]
"""The places for figures in the chapter of a comparison."""


@dataclass(frozen=True)
class Kind:
    """A kind of figure: all that other modules know of it."""

    name: str
    caption: str
    """What such a figure shows, for the report that Snakemake itself can make."""
    order: int
    """Its position among the figures of a comparison."""
    importance: int
    """Its position when not all figures fit into the page: 1 is embedded first."""
    section: Section
    """Where it is shown in the chapter of its comparison."""
    wanted: Callable[[Config, Comparison], Sequence[Block]]
    """Which figures of this kind a comparison has: what each of them shows."""
    draw: Callable[[Drawing], None]
    """Draws the panels of a figure, and sets its caption and the text that replaces it."""
    main: int = 0
    """Its position in a chapter of the main page; 0 if only the appendix shows it.

    3 is for one that is shown if a chapter has no other.
    """
    main_if: Callable[[Config, Comparison], bool] = lambda config, comparison: True
    """Whether the main page shows it for a comparison."""
    asked: str = ""
    """The words of a config that ask for it, for the gallery of the docs."""
    paper: tuple[int, ...] = ()
    """The widths in millimetres at which a paper has it; none if it is not for papers."""

    def place(self, config: Config, comparison: Comparison) -> int:
        """Return its position in the chapter of a comparison on the main page, 0 if not there."""
        return self.main if self.main_if(config, comparison) else 0


@dataclass(frozen=True)
class Sheet:
    """One figure: its name, its kind, and the datasets and facets that it shows."""

    name: str
    kind: str
    comparison: Comparison
    datasets: tuple[str, ...]
    facets: tuple[str, ...]


def facets(config: Config, comparison: Comparison) -> list[str]:
    """Return the facets of a comparison as its tables call them; one empty name if it has none.

    >>> from experiments.schema.compared import comparisons
    >>> from experiments.schema import validate
    >>> content = {"datasets": ["iris"], "compare": "hidden", "tune": "eta",
    ...            "grid": {"hidden": ["tanh", "relu"], "eta": [0.1, 1.0], "epochs": [3, 9]}}
    >>> config = validate({"studies": {"s": content}})
    >>> facets(config, next(comparisons(config)))
    ['epochs 3', 'epochs 9']
    """
    grid = config.studies[comparison.study].grid
    axes = [[f"{axis} {axis_label(v)}" for v in grid[axis]] for axis in comparison.facet_axes]
    return [", ".join(labels) for labels in product(*axes)]


def dealt_out(
    config: Config, comparison: Comparison, most_datasets: int | None = MOST_DATASETS
) -> list[Block]:
    """Return the blocks that show all datasets and facets of a comparison.

    A block has at most `most_datasets` datasets (None: all of them) and `MOST_FACETS` facets.
    """
    datasets = config.studies[comparison.study].datasets
    places = facets(config, comparison)
    return list(
        product(blocks(datasets, most_datasets or len(datasets)), blocks(places, MOST_FACETS))
    )


def over_epochs(
    config: Config, comparison: Comparison, most_datasets: int | None = MOST_DATASETS
) -> list[Block]:
    """Return the blocks of a figure over the epochs: none for a study of many datasets."""
    if len(config.studies[comparison.study].datasets) >= MANY_DATASETS:
        return []
    return dealt_out(config, comparison, most_datasets)


def blocks(items: Sequence[str], most: int) -> list[tuple[str, ...]]:
    """Cut a list into as few blocks of about equal length as fit.

    >>> blocks("abcde", 4)
    [('a', 'b', 'c'), ('d', 'e')]
    """
    count = -(-len(items) // most)
    size, longer = divmod(len(items), count)
    found, at = [], 0
    for number in range(count):
        end = at + size + (number < longer)
        found.append(tuple(items[at:end]))
        at = end
    return found


def short(facet: str) -> str:
    """Return a facet without the names of axes whose values speak for themselves.

    >>> short("hidden tanh, epochs 40"), short("epochs updates of 3 epochs")
    ('tanh, epochs 40', 'updates of 3 epochs')
    """
    facet = re.sub(r"(^|, )(?:hidden|pair|cost|output|init|schedule|update) ", r"\1", facet)
    return re.sub(r"(^|, )epochs (?=updates of )", r"\1", facet)


def readable(name: str) -> str:
    """Return the name of an arm or a dataset as a reader knows it, without underscores.

    >>> readable("breast_cancer")
    'breast cancer'
    """
    return name.replace("_", " ")


def place_name(dataset: str, facet: str) -> str:
    """Return the name of a panel in a sentence."""
    return f"{dataset} ({short(facet)})" if facet else dataset


def pair_name(cost: str, output: str) -> str:
    """Return the name of a cost and output activation, as the studies label it.

    >>> pair_name("cross_entropy", "softmax")
    'CE + softmax'
    """
    return f"{SHORT_COSTS.get(cost, cost)} + {output}"


def quantity(axis: str) -> str:
    """Return the name of a tuned axis, or one of a heat map, in words."""
    return QUANTITIES.get(axis, axis.replace("_", " "))


def _score_name(config: Config, dataset: str) -> str:
    """Return what the column `test_accuracy` holds for a dataset: accuracy, or R² of numbers."""
    facts = config.datasets.get(dataset, Dataset())
    source = DATASETS[facts.source or dataset]
    return "accuracy" if source.shape(source.Options(**facts.options)).classes else "R²"


def score_names(config: Config, datasets: Iterable[str]) -> str:
    """Return what `test_accuracy` holds for some datasets: accuracy, R², or "R² or accuracy"."""
    return " or ".join(sorted({_score_name(config, name) for name in datasets}))


def picture_names(config: Config) -> list[str]:
    """Return the stems of the pictures of a sweep, for the workflow's list of outputs.

    Those of `EVERY_SWEEP`, the summary if headline pairs are planned, and those asked for.
    """
    return [*EVERY_SWEEP, *([SUMMARY] if config.headline else []), *config.pictures]
