"""Couplings of a ring of spins, found from its energies by a network and by linear regressions.

    python -m reports picture couplings OUT

draws OUT/couplings.svg and .pdf: a row for each number of energies, a column for each model.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from reports.figures.data import Frames
from reports.figures.pictures.fits import Fit, fits
from reports.figures.pictures.picture import Picture

Array = np.ndarray

TITLE = "The couplings of a ring of spins, from its energies"
SPINS, TESTED, EPOCHS = 20, 400, 300
TRAINED = (120, 400)  # fewer energies than the 190 couplings, and more
LIMIT = 1.0

Found = Mapping[int, Sequence[Fit]]


def measure(frames: Frames | None = None) -> Found:
    """Return what each model finds from each number of energies."""
    return {n: fits(L=SPINS, n_train=n, n_test=TESTED, epochs=EPOCHS) for n in TRAINED}


def as_matrix(couplings: Array, L: int) -> Array:
    """Return couplings w_ij, i < j, as a symmetric matrix with zeros on its diagonal.

    >>> as_matrix(np.array([1.0, 2.0, 3.0]), 3)[0].tolist()
    [0.0, 1.0, 2.0]
    """
    matrix = np.zeros((L, L))
    matrix[np.triu_indices(L, 1)] = couplings
    return matrix + matrix.T


def draw(found: Found) -> Figure:
    """Return the figure: the matrix of couplings of each model, its R² on test energies above."""
    columns = max(len(row) for row in found.values())
    figure = Figure(figsize=(2.2 * columns + 0.7, 2.45 * len(found)), layout="constrained")
    rows = figure.subplots(len(found), columns, squeeze=False)
    for panels, (n, models) in zip(rows, found.items(), strict=True):
        for panel, fit in zip(panels, models, strict=True):
            image = panel.imshow(
                as_matrix(fit.couplings, SPINS), cmap="PuOr", vmin=-LIMIT, vmax=LIMIT
            )
            panel.set_title(f"{fit.model}\nR² = {fit.r2_test:.3f}")
            panel.set(xticks=[], yticks=[], xlabel="spin j")
            panel.grid(False)
        panels[0].set_ylabel(f"from {n} energies\nspin i")
    figure.colorbar(image, ax=rows, shrink=0.6, label="coupling, in units of J")
    return figure


def alt(found: Found) -> str:
    """Return the figure in words."""
    said = [
        f"from {n} energies: " + ", ".join(f"{fit.model} R² {fit.r2_test:.3f}" for fit in models)
        for n, models in found.items()
    ]
    return f"Matrices of the couplings found by each model; {'; '.join(said)}."


PICTURE = Picture(
    name="couplings",
    measure=measure,
    draw=draw,
    alt=alt,
    title="The couplings of a ring of spins, from its energies",
    caption=(
        f"Couplings of {SPINS} spins on a ring that each model finds from the energies of "
        f"random states: {SPINS * (SPINS - 1) // 2} coefficients of the products of two spins, "
        f"of which only the {SPINS} of neighbours are not 0 (they are -1). The network has no "
        f"hidden layer, identity output and MSE, and learns for {EPOCHS} epochs; the others are "
        "scikit-learn's. Above each: "
        f"R² on {TESTED} other energies."
    ),
)
