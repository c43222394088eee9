"""The sparse texts of SVMlight and LIBSVM, as scikit-learn reads them."""

from pathlib import Path
from typing import Any

from experiments.base import UserError
from experiments.datasets.tables.options import TableOptions

MOST_VALUES = 250_000_000
"""The largest product of samples and features: 2 GB. Values that a row does not name are 0."""

LABEL = "label"


def read(path: Path, options: TableOptions) -> Any:
    """Return the column "label" and the columns "feature 1", ..., zeros written out."""
    import pandas as pd
    from sklearn.datasets import load_svmlight_file

    _refuse_queries(path)
    try:
        X, y = load_svmlight_file(str(path))
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        raise UserError(
            f"{path}: cannot be read as svmlight: {reason}; "
            'a row is "label number:value number:value ..." with rising numbers'
        ) from None
    if X.shape[0] * X.shape[1] > MOST_VALUES:
        raise UserError(
            f"{path}: {X.shape[0]:,} samples of {X.shape[1]:,} features are too many to write out "
            f"their zeros (at most {MOST_VALUES:,} values); choose fewer features"
        )
    frame = pd.DataFrame(X.toarray(), columns=[f"feature {k + 1}" for k in range(X.shape[1])])
    frame.insert(0, LABEL, y)
    return frame


def _refuse_queries(path: Path) -> None:
    with path.open("rb") as file:
        for line in file:
            if b" qid:" in line.partition(b"#")[0]:
                raise UserError(
                    f"{path}: it holds queries (qid:), so its labels are ranks within a query, "
                    "which is not learnt here; remove the queries if the labels are classes"
                )
