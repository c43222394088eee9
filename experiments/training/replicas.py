"""From the specs of runs to trained replicas: the only place where a spec meets `mlp`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from experiments.training.defects import strided_batches, with_defects
from experiments.training.metrics import score_column, scores
from experiments.training.splits import FIXED_SPLIT_SEED, make_parts
from mlp import History, Network, Parameters, Part, Replica, stream, train
from mlp.parts import balanced_weights

Spec = Mapping


@dataclass(frozen=True)
class Result:
    """What a run gave: `curves` (epochs + 1, columns), how it ended (epochs, or -1), its cost.

    `selected_at` is the epoch that counts, or -1 for the last one trained. `seconds` are of
    processor time, its share of its stack's. `scores` are the metrics that were asked for, by part
    and name, such as test_mcc; None if one is not defined.
    """

    columns: list[str]
    curves: np.ndarray
    diverged_at: int
    stopped_at: int
    seconds: float = 0.0
    selected_at: int = -1
    scores: dict[str, float | None] = field(default_factory=dict)

    @property
    def ends(self) -> list[float]:
        """How it ended as numbers, in the order that a job's file has them."""
        return [self.diverged_at, self.stopped_at, self.seconds, self.selected_at]


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
        label_smoothing=spec["label_smoothing"],
        dropout=spec["dropout"],
    )
    return with_defects(net, spec["defects"])


def _weighted(part: Part, class_weight: str | Mapping[str, float] | None) -> Part:
    """Return a training part whose samples have the weights of their classes."""
    if class_weight is None or part.labels is None:
        return part
    K = max(2, part.Y.shape[1])
    if isinstance(class_weight, str):
        of_class = balanced_weights(part.labels, K)
    else:
        of_class = np.array([class_weight.get(str(k), 1.0) for k in range(K)])
    return replace(part, weights=of_class[part.labels])


def prepare_parts(spec: Spec, data: Mapping[str, np.ndarray], classes: int) -> dict[str, Part]:
    """Return the parts of the data on a run's split."""
    parts = make_parts(
        data,
        classes=classes,
        units=spec["sizes"][-1],
        seed=split_seed(spec),
        dtype=spec["dtype"],
        train_fraction=spec["train_fraction"],
        standardise=spec["standardise"],
    )
    return parts | {"train": _weighted(parts["train"], spec["class_weight"])}


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
    net, params, history = trained(specs, folds)
    ends = zip(
        history.curves, history.diverged_at, history.stopped_at, history.selected_at, strict=True
    )
    results = [
        Result(history.columns, curve, int(d), int(s), selected_at=int(best))
        for curve, d, s, best in ends
    ]
    if not specs[0]["metrics"]:
        return results
    return [
        replace(result, scores=_scored(spec, net, params.replica(r), folds[split_seed(spec)]))
        for r, (spec, result) in enumerate(zip(specs, results, strict=True))
    ]


def _scored(
    spec: Spec, net: Network, params: Parameters, parts: Mapping[str, Part]
) -> dict[str, float | None]:
    """Return the metrics of a trained network on the parts that it was not trained on."""
    found = {}
    for part in ("validation", "test"):
        if part in parts and (labels := parts[part].labels) is not None:
            outputs = net.forward(params, parts[part].X)
            values = scores(spec["metrics"], outputs, net.activations[-1].name, labels)
            found |= {
                score_column(part, name): value if np.isfinite(value) else None
                for name, value in values.items()
            }
    return found


def counted_epoch(ends: Sequence[float]) -> int:
    """Return the epoch whose figures are a run's, from :attr:`Result.ends`; -1 for the last row.

    >>> counted_epoch([-1, 7, 0.5, -1]), counted_epoch([-1, 7, 0.5, 4])
    (7, 4)
    """
    return int(ends[3] if ends[3] >= 0 else ends[1])


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
        restore_best=False if first["select"] == "last" else first["select"],
        exact_train=first["record_train"] == "exact",
        record_every=first["record_every"],
        batches=strided_batches(n_train, first["batch_size"]) if strided else None,
    )
    return net, params, history
