"""The probes: three claims of the note checked on whole training runs of small networks.

Comes in: nothing but the numeric package; the data are generated. Goes out: tidy rows, lists of
dictionaries that depend on the arguments alone, and their files (`write_probes`).

    path       N4: one sigmoid unit and two softmax units
    heaviside  N5: below a Heaviside layer
    start      N6: a saturated start
"""

from experiments.probes.generated import clusters
from experiments.probes.heaviside import heaviside_gradients
from experiments.probes.path import VARIANTS, LayerDescent, sigmoid_softmax_path
from experiments.probes.start import PAIRS, saturated_start
from experiments.probes.writing import write_probes

__all__ = [
    "PAIRS",
    "VARIANTS",
    "LayerDescent",
    "clusters",
    "heaviside_gradients",
    "saturated_start",
    "sigmoid_softmax_path",
    "write_probes",
]
