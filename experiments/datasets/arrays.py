"""The arrays of a source: their types made equal, and what cannot be trained on refused."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.base import UserError
from experiments.datasets.parts import check_parts, counts
from experiments.datasets.source import SMALLEST_CLASS, Shape
from experiments.training import IMPUTE
from mlp import did_you_mean

Array = np.ndarray
MOST = 2**31
"""The largest number of classes; a larger whole number cannot be a class number."""

KEYS = ("X", "y", "part", "group", "impute", "column")


def usable(where: str, arrays: Mapping[str, Any], shape: Shape) -> dict[str, Array]:
    """Return the arrays with X as floats and y as int64 or float64, all checked.

    Any whole numbers are class numbers: int8, booleans, floats such as 1.0. Raises UserError,
    which begins with `where` and says what is wrong, for all that cannot be trained on.
    """
    for key in ("X", "y"):
        if key not in arrays:
            known = ", ".join(map(str, arrays)) or "nothing"
            raise UserError(
                f'{where}: load returned {known}, but no "{key}"; return {{"X": X, "y": y}}'
            )
    for key in arrays:
        if key not in KEYS:
            hint = did_you_mean(str(key), KEYS)
            raise UserError(
                f"{where}: load returned {key!r}{hint}, which nothing reads; known: "
                f"{', '.join(KEYS)}"
            )
    X = _features(where, arrays["X"])
    made = {"X": X, "y": _targets(where, arrays["y"], shape)}
    check(where, made, shape)
    if "part" in arrays:
        made["part"] = _part(where, arrays["part"], made["y"], shape)
    elif shape.train:
        raise UserError(
            f'{where}: shape announces a split (train={shape.train}), but load returned no "part"'
        )
    if "group" in arrays or shape.groups:
        made["group"] = _groups(where, arrays.get("group", ()), len(X), shape)
    return made | _imputation(where, arrays, X)


def _features(where: str, given: Any) -> Array:
    if hasattr(given, "toarray"):
        raise UserError(f"{where}: X is a sparse matrix; make it dense with X.toarray()")
    X = _array(where, "X", given)
    if X.dtype.kind in "OUSMmV":
        column = _first_odd_column(X)
        raise UserError(
            f"{where}: X holds {_kind(X)}{column}, not numbers; turn categories into 0 and 1, a "
            "feature for each"
        )
    if X.dtype.kind not in "biuf":
        raise UserError(f"{where}: X holds {X.dtype.name} values; features are real numbers")
    if X.ndim != 2:
        raise UserError(
            f"{where}: X has the shape {X.shape}; it must be (samples, features): "
            "X.reshape(len(X), -1) makes it so"
        )
    return X if X.dtype in (np.float32, np.float64) else X.astype(np.float64)


def _first_odd_column(X: Array) -> str:
    if X.ndim != 2 or X.dtype.kind != "O":
        return ""
    for k, column in enumerate(X.T):
        odd = [value for value in column if not isinstance(value, int | float | np.number)]
        if odd:
            return f", the first in column {k}: {str(odd[0])[:40]!r}"
    return ""


def _kind(a: Array) -> str:
    kinds = {"U": "texts", "S": "bytes", "M": "dates", "m": "time differences", "V": "records"}
    if a.dtype.kind == "O" and any(isinstance(value, str) for value in a.flat):
        return "texts"
    return kinds.get(a.dtype.kind, "objects")


def _array(where: str, key: str, given: Any) -> Array:
    try:
        return np.asarray(given)
    except (TypeError, ValueError) as error:
        raise UserError(
            f"{where}: {key} is not an array of numbers: {str(error).splitlines()[0]}"
        ) from None


def _targets(where: str, given: Any, shape: Shape) -> Array:
    y = _array(where, "y", given)
    return _class_numbers(where, y) if shape.classes else _values(where, y)


def _class_numbers(where: str, y: Array) -> Array:
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        raise UserError(
            f"{where}: y has the shape {y.shape}, but class numbers are one for each sample, "
            "(samples,); y.argmax(axis=1) makes them of one-hot rows"
        )
    if y.dtype.kind in "OUSMmV":
        some = ", ".join(repr(str(value)[:20]) for value in list(dict.fromkeys(y.tolist()))[:3])
        raise UserError(
            f"{where}: y holds {_kind(y)} ({some}), but class numbers are needed, 0 to K - 1; "
            "np.unique(y, return_inverse=True)[1] gives them"
        )
    odd = [value for value in y.tolist() if not _is_class_number(value)]
    if odd:
        raise UserError(
            f"{where}: y holds {odd[0]}, which is not a class number (0 to K - 1); for real "
            "values, announce classes=0 in shape"
        )
    return y.astype(np.int64)


def _is_class_number(value: object) -> bool:
    return (
        isinstance(value, int | float) and math.isfinite(value) and 0 <= int(value) == value < MOST
    )


def _values(where: str, y: Array) -> Array:
    if y.dtype.kind not in "biuf":
        raise UserError(
            f"{where}: y holds {_kind(y)}, not real numbers; for classes, announce their number "
            "in shape and give class numbers"
        )
    return y.astype(np.float64).reshape(len(y), -1) if y.ndim == 1 else y.astype(np.float64)


def check(where: str, arrays: Mapping[str, Array], shape: Shape) -> None:
    """Raise UserError, with what is wrong and at which row, for X and y that do not fit."""
    X, y = arrays["X"], arrays["y"]
    if X.shape != (shape.samples, shape.features):
        raise UserError(
            f"{where}: {X.shape[0]} samples of {X.shape[1]} features came, "
            f"but its source announced {shape.samples} of {shape.features}"
        )
    if len(y) != len(X):
        raise UserError(f"{where}: {len(X)} samples but {len(y)} labels")
    if shape.classes:
        _check_classes(where, y, shape)
    elif y.shape != (len(X), shape.targets):
        raise UserError(
            f"{where}: y has the shape {y.shape}, but the source announced "
            f"{shape.targets} real values for each of {len(X)} samples"
        )
    elif (bad := np.argwhere(~np.isfinite(y))).size:
        raise UserError(
            f"{where}: {len(bad)} values of y are missing or infinite, the first in row "
            f"{bad[0][0]}; remove these rows"
        )


def _check_classes(where: str, y: Array, shape: Shape) -> None:
    classes = shape.classes
    if len(y) < classes:
        raise UserError(f"{where}: {len(y)} samples are too few for {classes} classes")
    if y.max() >= classes:
        raise UserError(
            f"{where}: class numbers must be 0 to {classes - 1}, as its source announced {classes} "
            f"classes; found {y.max()}"
        )
    members = np.bincount(y, minlength=classes)
    least = 1 if shape.train else SMALLEST_CLASS
    if members.min() < least:
        raise UserError(
            f"{where}: class {int(members.argmin())} has {int(members.min())} members; at least "
            f"{least} are needed" + ("" if shape.train else " to split it into three parts")
        )


def _part(where: str, given: Any, y: Array, shape: Shape) -> Array:
    part = _array(where, "part", given)
    if part.shape != (len(y),) or part.dtype.kind not in "iu" or not np.isin(part, (0, 1, 2)).all():
        raise UserError(
            f'{where}: "part" must be {len(y)} whole numbers: 0 for training, 1 for validation, '
            f"2 for test; found the shape {part.shape} and values of type {part.dtype.name}"
        )
    part = part.astype(np.int64)
    check_parts(where, part, y if shape.classes else None)
    found = counts(part)
    if found[:2] != (shape.train, shape.validation):
        raise UserError(
            f"{where}: its parts have {', '.join(map(str, found))} rows; announce them in shape: "
            f"train={found[0]}, validation={found[1]}"
        )
    return part


def _groups(where: str, given: Any, samples: int, shape: Shape) -> Array:
    group = _array(where, "group", given)
    if group.shape != (samples,) or group.dtype.kind not in "iu":
        raise UserError(
            f'{where}: "group" must be {samples} whole numbers, the group of each sample; found '
            f"the shape {group.shape} and values of type {group.dtype.name}"
        )
    if (found := len(np.unique(group))) != shape.groups:
        raise UserError(
            f"{where}: {found} groups came, but its source announced {shape.groups}; announce them "
            f"in shape: groups={found}"
        )
    return group.astype(np.int64)


def _imputation(where: str, arrays: Mapping[str, Any], X: Array) -> dict[str, Array]:
    """Return the arrays that say how missing features are filled, if there are any missing."""
    how = str(arrays["impute"]) if "impute" in arrays else None
    if how is not None and how not in IMPUTE:
        raise UserError(f'{where}: "impute" is {how!r}; it must be one of {", ".join(IMPUTE)}')
    bad = np.argwhere(np.isinf(X) if how else ~np.isfinite(X))
    if len(bad):
        row, column = bad[0]
        mend = "infinite values are not imputed: correct" if how else "remove or fill"
        raise UserError(
            f"{where}: {len(bad)} values are {'' if how else 'missing or '}infinite, the first in "
            f"row {row}, column {column}; {mend} these rows"
        )
    missing = np.isnan(X)
    if not missing.any():
        return {}
    if missing.all(axis=0).any():
        raise UserError(
            f"{where}: the feature {int(missing.all(axis=0).argmax())} has no value at all, so "
            "nothing can be imputed; leave it out"
        )
    column = np.asarray(arrays.get("column", np.arange(X.shape[1])), np.int64)
    if column.shape != (X.shape[1],):
        raise UserError(
            f'{where}: "column" must have one number for each of {X.shape[1]} features, found the '
            f"shape {column.shape}"
        )
    return {"impute": np.array(how), "column": column}
