"""Datasets of openml.org, by name."""

import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from pydantic import Field

from experiments.base import UserError, listing
from experiments.datasets.checks import Array
from experiments.datasets.source import DATASETS, Source
from experiments.datasets.tables import ColumnOptions, assemble, table_shape

HOME = Path("data/openml")
"""Where scikit-learn keeps what it fetched."""


class OpenmlOptions(ColumnOptions):
    """A dataset of openml.org."""

    outside: ClassVar = frozenset(("sha256",))

    dataset: str = Field(description="its name at openml.org")
    version: int = Field(1, ge=1, description="its version")
    label: str | None = Field(
        None,
        description="the column that is to be learnt; by default the dataset's (first) target. All "
        "of its targets leave the features",
    )
    sha256: str | None = Field(None, description="checksum of the arrays, to be verified")


@DATASETS.register("openml")
class OpenMl(Source):
    """A dataset of openml.org by name; needs the network when it is first planned."""

    description = "a dataset of openml.org"
    licence = "see openml.org"
    citation = "J. Vanschoren et al., OpenML, SIGKDD Explorations 15, 2013"
    Options = OpenmlOptions

    def shape(self, options):
        return table_shape(self.load(options))

    def load(self, options):
        return dict(_openml(options.model_dump_json())[0])

    def notes(self, options):
        return _openml(options.model_dump_json())[1]


@lru_cache(maxsize=4)
def _openml(options: str) -> tuple[dict[str, Array], list[str]]:
    from experiments.base import checksum

    chosen = OpenmlOptions.model_validate_json(options)
    name = f"openml {chosen.dataset}, version {chosen.version}"
    bunch = _fetch_openml(name, chosen)
    label, others = _targets(name, bunch, chosen)
    arrays, notes = assemble(name, bunch.frame.drop(columns=others), label, chosen)
    found = checksum(arrays)
    if chosen.sha256 is not None and found != chosen.sha256.lower():
        raise UserError(
            f"{name}: the data changed: their SHA-256 is {found}, the config expects "
            f"{chosen.sha256}; write the new checksum into the config if the change is meant"
        )
    learnt = f"learnt: {label}" + (f"; other targets left out: {listing(others)}" if others else "")
    return arrays, [learnt, *notes]


def _targets(name: str, bunch: Any, chosen: OpenmlOptions) -> tuple[str, list[str]]:
    """Return the column to be learnt, and the dataset's other targets, which are not features."""
    targets = list(bunch.target_names or [])
    label = chosen.label or (targets[0] if targets else None)
    if label is None:
        raise UserError(
            f"{name}: no target is named at openml.org; set label to the column that is to be "
            f"learnt: {listing(bunch.frame.columns)}"
        )
    unused = {
        *chosen.drop,
        chosen.split,
        chosen.group,
    }  # named by the config: left out by `assemble`
    return label, [other for other in targets if other != label and other not in unused]


def _fetch_openml(name: str, chosen: OpenmlOptions) -> Any:
    """Return scikit-learn's bunch, kept under data/openml. Raises UserError."""
    from sklearn.datasets import fetch_openml

    def fetch(parser: str) -> Any:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Invalid cache", RuntimeWarning)
            return fetch_openml(
                chosen.dataset,
                version=chosen.version,
                as_frame=True,
                data_home=str(HOME),
                parser=parser,
            )

    # scikit-learn's fast parser fails with pandas 3 on some categories, and its cache is then
    # emptied: which parser a dataset needs is remembered, so that the network is not needed again
    slow = HOME / f"{quote(chosen.dataset, safe='')}-{chosen.version}.liac-arff"
    try:
        try:
            return fetch("liac-arff" if slow.exists() else "auto")
        except TypeError:
            bunch = fetch("liac-arff")
            slow.touch()
            return bunch
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        advice = (
            "Choose a dense version of it"
            if "parse ARFF" in reason
            else "Check the name, the version and the network"
        )
        raise UserError(
            f"{name}: cannot be fetched: {reason}. {advice}; or download the file and use the "
            "source `table`"
        ) from None
