"""A trained network in a file: numbers and a description, without pickle."""

import json
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from mlp.network import Network
from mlp.parameters import Parameters

FORMAT = "mlp network, version 1"


def save(path: Path | str, net: Network, params: Parameters, **more: np.ndarray | Any) -> None:
    """Write one network to an `.npz` file, which `load` reads.

    `more` is kept beside it: arrays as arrays, anything else as JSON. Raises ValueError for a
    stack (save one of its replicas), and for a name of `more` that a layer has.

    >>> import tempfile
    >>> net = Network((2, 3, 2))
    >>> params = net.initialize("fan_in", np.random.default_rng(0), n_train=1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(Path(folder) / "net.npz", net, params, classes=["no", "yes"])
    ...     again, same, more = load(Path(folder) / "net.npz")
    >>> again.sizes, np.array_equal(same.weights[1], params.weights[1]), more
    ((2, 3, 2), True, {'classes': ['no', 'yes']})
    """
    if not params.single:
        raise ValueError("a stack of networks was given: save one of them, params.replica(r)")
    layers = {f"weights{n}": w for n, w in enumerate(params.weights)}
    layers |= {f"biases{n}": b for n, b in enumerate(params.biases)}
    if taken := sorted({"about", *layers} & set(more)):
        raise ValueError(f"the names {', '.join(taken)} belong to the network itself")
    arrays = {name: value for name, value in more.items() if isinstance(value, np.ndarray)}
    about = {
        "format": FORMAT,
        "network": _described(net),
        "more": {name: value for name, value in more.items() if name not in arrays},
    }
    everything: dict[str, Any] = {"about": np.array(json.dumps(about)), **layers, **arrays}
    with Path(path).open("wb") as file:  # given a name, NumPy would add a suffix to it
        np.savez(file, **everything)


def load(path: Path | str) -> tuple[Network, Parameters, dict[str, Any]]:
    """Return the network, its parameters and what else `save` was given.

    Nothing in the file is run. Raises ValueError if it is not such a file.
    """
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        about = json.loads(str(arrays.pop("about")))
        if about["format"] != FORMAT:
            raise ValueError(f"its format is {about['format']!r}, not {FORMAT!r}")
        net = Network(**about["network"])
        depth = range(len(net.sizes) - 1)
        weights = [arrays.pop(f"weights{n}") for n in depth]
        biases = [arrays.pop(f"biases{n}") for n in depth]
    except (ValueError, LookupError, TypeError, EOFError, RuntimeError, BadZipFile) as error:
        raise ValueError(f"{path} is not a network that mlp.save wrote: {error}") from None
    return net, Parameters(weights, biases), {**about["more"], **arrays}


def _described(net: Network) -> dict[str, Any]:
    return {
        "sizes": list(net.sizes),
        "hidden": list(net.hidden),
        "output": net.activations[-1].name,
        "cost": net.loss.name,
        "penalty": net.penalty.name,
        "lambda_": float(net.lambda_),
        "dtype": np.dtype(net.dtype).name,
        "label_smoothing": net.label_smoothing,
        "dropout": list(net.dropout),
    }
