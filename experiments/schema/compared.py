"""The comparisons that a config declares."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from experiments.schema.chapters import Chapter, meant
from experiments.schema.config import Config
from experiments.schema.families import Planned
from experiments.schema.labels import axis_label
from experiments.schema.study import Published, Study

TABLES = {
    "arms": "each arm at its own best step size, and how it compares with the best",
    "planned": "the planned pairs: headline and families of the config",
    "tests": "all pairs (exploratory), each arm at its own best step size",
    "shared": "all pairs (exploratory), at one step size for all arms",
    "sensitivity": "accuracy at every step size",
    "ranks": "mean ranks over the datasets",
    "rank-tests": "pairs over the datasets: description, and from 20 datasets on tests",
    "speed": "epochs to a common target and area under the learning curve",
    "divergence": "runs that diverged",
    "metrics": "means of the metrics that the study asks for, on the test part",
    "published": "published accuracies and those measured here",
}
"""The tables that a comparison may have, and what each shows."""


@dataclass(frozen=True)
class Comparison:
    """One axis of one study, whose values are compared on every dataset and facet."""

    study: str
    axis: str
    title: str
    question: str
    arms: tuple[str, ...]
    facet_axes: tuple[str, ...]
    tune: str | None
    tuned_values: tuple[float, ...]
    pairs: tuple[tuple[str, str], ...] | None
    published: tuple[Published, ...] = ()
    planned: tuple[tuple[str, Planned], ...] = ()
    metrics: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The stem of its tables and figures."""
        return f"{self.study}-{self.axis}"

    @property
    def kinds(self) -> list[str]:
        """The tables that it has: some only if the config gives a reason."""
        some = {key: getattr(self, key) for key in ("metrics", "published", "planned")}
        return [kind for kind in TABLES if some.get(kind, True)]


def comparisons(config: Config) -> Iterator[Comparison]:
    """Yield the comparisons of a config, in its order."""
    for name, study in config.studies.items():
        for axis in study.compared:
            arms = tuple(axis_label(v) for v in study.grid[axis])
            pairs = [p for p in study.pairs or [] if set(p) <= set(arms)]
            yield Comparison(
                name,
                axis,
                study.title or name,
                study.question,
                arms,
                tuple(a for a in study.grid if a not in (axis, study.tune)),
                study.tune,
                tuple(tuned_value(v, i) for i, v in enumerate(study.grid.get(study.tune, [0.0]))),
                tuple(pairs) or None,
                tuple(number for number in study.published if number.arm in arms),
                tuple(
                    (family, pair)
                    for family, planned in config.planned.items()
                    for pair in planned
                    if pair.study == name and pair.axis(study) == axis
                ),
                tuple(_metrics(study)),
            )


def _metrics(study: Study) -> dict[str, None]:
    """Return the metrics that the runs of a study have, in order."""
    fixed = (study.base, *study.per_dataset.values())
    return dict.fromkeys(name for settings in fixed for name in settings.get("metrics", ()))


def tuned_value(value: Any, place: int) -> float:
    """Return a number that orders the tuned axis: the value itself, or its place in the list."""
    return float(value) if isinstance(value, int | float) else float(place)


def table_names(config: Config) -> list[str]:
    """Return the stems of all tables of a sweep, known from the config alone."""
    return [f"{c.name}-{kind}" for c in comparisons(config) for kind in c.kinds]


def chapters_of(config: Config) -> Iterator[tuple[Chapter, list[Comparison]]]:
    """Yield the chapters of a config with their comparisons; by default one for each comparison.

    >>> from experiments.schema import validate
    >>> study = {"datasets": ["iris"], "compare": "hidden", "question": "Which is best?",
    ...          "grid": {"hidden": ["tanh", "relu"]}}
    >>> [(c.question, c.comparisons) for c, _ in chapters_of(validate({"studies": {"s": study}}))]
    [('Which is best?', ['s-hidden'])]
    """
    by_name, names = {one.name: one for one in comparisons(config)}, meant(config.studies)
    if config.chapters:
        for chapter in config.chapters:
            found = [one for name in chapter.comparisons for one in names[name]]
            yield chapter, [by_name[name] for name in found]
        return
    for comparison in by_name.values():
        question = (comparison.question or comparison.title)[:250]
        if len(config.studies[comparison.study].compared) > 1:
            question += f" ({comparison.axis})"
        yield Chapter(question=question, comparisons=[comparison.name]), [comparison]
