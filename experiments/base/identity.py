"""The ids of runs: hashes of what they are."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from experiments.training import identity

_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(value: Any) -> str:
    """Return JSON with one spelling.

    >>> canonical({"b": 1, "a": [0.5]})
    '{"a":[0.5],"b":1}'
    """
    return _JSON.encode(value)


def digest(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def run_id(spec: Mapping[str, Any]) -> str:
    """Return the id of a run: a hash of what its spec says beside neutral values.

    Raises KeyError for a spec that the table of fields does not fit.
    """
    return digest(canonical(identity(spec)))[:16]
