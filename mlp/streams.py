"""Random streams derived from names: the split, the initial draw and the order of the data.

Each purpose has its own stream, so runs of one seed share their draws and their order of the
data, whatever their other settings are.
"""

import hashlib

import numpy as np


def stream(purpose: str, seed: int) -> np.random.Generator:
    """Return the generator of a purpose ("split", "initial draw", "order") and a seed.

    >>> [int(stream(name, 3).integers(1000)) for name in ("order", "order", "split")]
    [235, 235, 532]
    """
    words = np.frombuffer(hashlib.sha256(purpose.encode()).digest()[:16], dtype="<u4")
    return np.random.default_rng(np.random.SeedSequence([seed, *words.tolist()]))
