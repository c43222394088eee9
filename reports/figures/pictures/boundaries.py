"""Decision boundaries in the plane: what each hidden activation makes of two generated sets.

    python -m reports picture boundaries OUT

draws OUT/boundaries.svg and .pdf: a row for each dataset, a column for each hidden activation of
the note and for the identity.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, to_rgb
from matplotlib.figure import Figure

import mlp
from experiments.datasets import DATASETS
from experiments.training import make_parts
from reports.figures.data import Frames
from reports.figures.panels import WIDTH
from reports.figures.pictures.picture import Picture
from reports.figures.styles import COLOURS

Array = np.ndarray

SETS = ("two_moons", "spirals")
HIDDEN = tuple(
    name
    for name, activation in mlp.ACTIVATIONS.items()
    if not activation.output_only and (activation.equation.startswith("(") or name == "identity")
)
ETAS = (0.03, 0.1, 0.3, 1.0)
NEURONS, EPOCHS, BATCH_SIZE, SEED = 30, 200, 10, 0
MARGIN, POINTS = 0.3, 160


@dataclass
class Boundary:
    """A trained network of one hidden layer in the plane, at the step size that was best."""

    hidden: str
    eta: float
    accuracy: float
    classes: Array
    """Class numbers (POINTS, POINTS) on :func:`plane`."""


def plane(X: Array) -> tuple[Array, Array]:
    """Return the two coordinates of a lattice of points that surrounds the samples."""
    low, high = X.min(axis=0) - MARGIN, X.max(axis=0) + MARGIN
    return tuple(np.linspace(a, b, POINTS) for a, b in zip(low, high, strict=True))


def learn(parts: dict[str, mlp.Part], hidden: str, epochs: int = EPOCHS) -> Boundary:
    """Train one network at each step size; return the best on the validation part.

    CE + softmax, weights of standard deviation 1 (in two dimensions the kinks and steps of the
    hidden neurons must be somewhere in the picture), the falling step (23).
    """
    train = parts["train"]
    net = mlp.Network((2, NEURONS, train.Y.shape[1]), hidden=hidden)
    start = net.initialize("large", mlp.stream("initial draw", SEED), n_train=len(train))
    params = mlp.Parameters.stack([start] * len(ETAS))
    replicas = [mlp.Replica(seed=SEED, eta=eta, schedule="inverse") for eta in ETAS]
    only = {"train": train}  # the other parts are measured once, below
    mlp.train(net, params, only, replicas, epochs=epochs, batch_size=BATCH_SIZE, exact_train=False)
    validation, test = (
        mlp.accuracy(net.forward(params, parts[name].X), parts[name].labels)
        for name in ("validation", "test")
    )
    best = int(np.argmax(validation))
    x, y = plane(np.concatenate([part.X for part in parts.values()]))
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    classes = mlp.predict_classes(net.forward(params, grid)[best]).reshape(POINTS, POINTS)
    return Boundary(hidden, ETAS[best], float(test[best]), classes)


def boundaries(name: str, epochs: int = EPOCHS) -> tuple[dict[str, mlp.Part], list[Boundary]]:
    """Return the parts of a dataset and the boundary that each hidden activation finds."""
    source = DATASETS[name]
    options = source.Options()
    classes = source.shape(options).classes
    parts = make_parts(
        source.load(options), classes=classes, units=classes, seed=SEED, dtype="float64"
    )
    return parts, [learn(parts, hidden, epochs) for hidden in HIDDEN]


Found = Mapping[str, tuple[dict[str, mlp.Part], list[Boundary]]]


def measure(frames: Frames | None = None) -> Found:
    """Return what each activation finds on each dataset."""
    return {name: boundaries(name) for name in SETS}


def draw(sets: Found) -> Figure:
    """Return the figure; the points are the test samples, with a marker for each class.

    `sets` holds what :func:`boundaries` returned for each of some datasets.
    """
    figure = Figure(figsize=(WIDTH, 2.2 * len(sets) + 0.3))
    rows = figure.subplots(len(sets), len(HIDDEN), squeeze=False)
    figure.subplots_adjust(left=0.03, right=0.99, top=0.9, bottom=0.02, hspace=0.28, wspace=0.05)
    for panels, (name, (parts, found)) in zip(rows, sets.items(), strict=True):
        for panel, boundary in zip(panels, found, strict=True):
            _draw_panel(panel, parts, boundary)
        panels[0].set_ylabel(name.replace("_", " "))
    return figure


def _draw_panel(panel: Axes, parts: dict[str, mlp.Part], boundary: Boundary) -> None:
    x, y = plane(np.concatenate([part.X for part in parts.values()]))
    test = parts["test"]
    k = test.Y.shape[1]
    pale = [tuple(0.7 + 0.3 * value for value in to_rgb(colour)) for colour in COLOURS[:k]]
    panel.pcolormesh(
        x, y, boundary.classes, cmap=ListedColormap(pale), vmin=-0.5, vmax=k - 0.5, rasterized=True
    )
    for number in range(k):
        points = test.X[test.labels == number]
        panel.scatter(*points.T, s=7, color=COLOURS[number], marker="os^"[number], linewidths=0)
    panel.set_title(f"{boundary.hidden}\n{100 * boundary.accuracy:.0f} %, η = {boundary.eta:g}")
    panel.set(xticks=[], yticks=[])
    panel.grid(False)


def alt(sets: Found) -> str:
    """Return the figure in words."""
    said = [
        f"{name.replace('_', ' ')}: "
        + ", ".join(f"{each.hidden} {100 * each.accuracy:.0f} %" for each in found)
        for name, (_, found) in sets.items()
    ]
    return (
        f"Decision boundaries of one network for each hidden activation ({'; '.join(said)} of the "
        "test samples right). Identity cuts by straight lines, relu and heaviside by pieces of "
        "them, sigmoid and tanh by curves."
    )


PICTURE = Picture(
    name="boundaries",
    measure=measure,
    draw=draw,
    alt=alt,
    title="What each hidden activation makes of the plane",
    caption=(
        f"Decision boundaries of networks with {NEURONS} hidden neurons on generated points, one "
        f"run each: CE + softmax, {EPOCHS} epochs, weights of standard deviation 1, the decaying "
        f"schedule from the best of {len(ETAS)} step sizes on the validation part. Above each: "
        "the hidden activation, its accuracy on the test samples, which are drawn, and its step "
        "size."
    ),
)
