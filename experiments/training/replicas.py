"""From the specs of runs to trained replicas: the only place where a spec meets `mlp`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.training.defects import strided_batches, with_defects
from experiments.training.splits import FIXED_SPLIT_SEED, make_parts
from mlp import History, Network, Parameters, Part, Replica, stream, train

Spec = Mapping


@dataclass(frozen=True)
class Result:
    """What a run gave: `curves` (epochs + 1, columns), how it ended (epochs, or -1), its cost.

    `seconds` are of processor time, its share of its stack's.
    """

    columns: list[str]
    curves: np.ndarray
    diverged_at: int
    stopped_at: int
    seconds: float = 0.0


def split_seed(spec: Spec) -> int:
    """Return the seed of the run's split."""
    if spec["split"] == "drawn":
        return spec["split_draw"]
    return spec["seed"] if spec["split"] == "per_seed" else FIXED_SPLIT_SEED


def network(spec: Spec) -> Network:
    """Return the network of a run."""
    net = Network(
        spec["sizes"],
        hidden=spec["hidden"] if isinstance(spec["hidden"], str) else tuple(spec["hidden"]),
        output=spec["output"],
        cost=spec["cost"],
        penalty=spec["penalty"],
        dtype=spec["dtype"],
    )
    return with_defects(net, spec["defects"])


def prepare_parts(spec: Spec, data: Mapping[str, np.ndarray], classes: int) -> dict[str, Part]:
    """Return the parts of the data on a run's split."""
    return make_parts(
        data,
        classes=classes,
        units=spec["sizes"][-1],
        seed=split_seed(spec),
        dtype=spec["dtype"],
        train_fraction=spec["train_fraction"],
        standardise=spec["standardise"],
    )


def prepare_folds(
    specs: Sequence[Spec], data: Mapping[str, np.ndarray], classes: int
) -> dict[int, dict[str, Part]]:
    """Return the parts of the data on each split of some runs of one stack key, by its seed."""
    first = {split_seed(spec): spec for spec in specs}
    return {seed: prepare_parts(spec, data, classes) for seed, spec in first.items()}


def train_stack(specs: Sequence[Spec], folds: Mapping[int, Mapping[str, Part]]) -> list[Result]:
    """Train runs of one stack key at once and return their results, in their order.

    `folds` has the parts of each split that the runs need, by its seed.
    """
    history = trained(specs, folds)[2]
    ends = zip(history.curves, history.diverged_at, history.stopped_at, strict=True)
    return [Result(history.columns, c, int(d), int(s)) for c, d, s in ends]


def trained(
    specs: Sequence[Spec], folds: Mapping[int, Mapping[str, Part]]
) -> tuple[Network, Parameters, History]:
    """Train runs as `train_stack` does; return the network, the trained stack and its history."""
    numbers = {seed: number for number, seed in enumerate(folds)}
    first, n_train = specs[0], len(next(iter(folds.values()))["train"])
    net = network(first)
    params = Parameters.stack(
        [
            net.initialize(
                spec["init"],
                stream("initial draw", spec["seed"]),
                n_train=n_train,
                bias_init=spec["bias_init"],
            )
            for spec in specs
        ]
    )
    strided = "stride" in first["defects"]
    replicas = [
        Replica(
            s["seed"], s["eta"], s["schedule"], s["lambda"], numbers[split_seed(s)], s["optimizer"]
        )
        for s in specs
    ]
    history = train(
        net,
        params,
        list(folds.values()),
        replicas,
        epochs=first["epochs"],
        batch_size=first["batch_size"],
        update=first["update"],
        patience=first["patience"],
        exact_train=first["record_train"] == "exact",
        record_every=first["record_every"],
        batches=strided_batches(n_train, first["batch_size"]) if strided else None,
    )
    return net, params, history
