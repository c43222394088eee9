"""Datasets of openml.org, by name."""

from functools import lru_cache
from typing import Any

from pydantic import Field

from experiments.datasets.checks import Array
from experiments.datasets.source import DATASETS, Source
from experiments.datasets.tables import ColumnOptions, columns, encode, table_shape
from experiments.errors import UserError


class OpenmlOptions(ColumnOptions):
    """A dataset of openml.org."""

    dataset: str = Field(description="its name at openml.org")
    version: int = Field(1, ge=1, description="its version")
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
        return dict(_openml(options.model_dump_json()))


@lru_cache(maxsize=4)
def _openml(options: str) -> dict[str, Array]:
    from experiments.store import checksum

    chosen = OpenmlOptions.model_validate_json(options)
    name = f"openml {chosen.dataset}, version {chosen.version}"
    bunch = _fetch_openml(name, chosen)
    target = bunch.target_names[0] if bunch.target_names else "(none)"
    arrays = encode(name, columns(name, bunch.frame, target, chosen), target, chosen.task)
    found = checksum(arrays)
    if chosen.sha256 is not None and found != chosen.sha256.lower():
        raise UserError(
            f"{name}: the data changed: their SHA-256 is {found}, the config expects "
            f"{chosen.sha256}; write the new checksum into the config if the change is meant"
        )
    return arrays


def _fetch_openml(name: str, chosen: OpenmlOptions) -> Any:
    """Return scikit-learn's bunch, kept under data/openml. Raises UserError."""
    from sklearn.datasets import fetch_openml

    try:
        return fetch_openml(
            chosen.dataset, version=chosen.version, as_frame=True, data_home="data/openml"
        )
    except (OSError, ValueError) as error:
        raise UserError(
            f"{name}: cannot be fetched: {str(error).splitlines()[0]}. Check the name, the version "
            "and the network; or download the file and use the source `table`"
        ) from None
