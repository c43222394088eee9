"""Multilayer perceptrons in NumPy, after "Neural networks and Back Propagation" (Vege, 2018).

>>> import numpy as np, mlp
>>> net = mlp.Network(sizes=(64, 30, 10), hidden="sigmoid", output="softmax", cost="cross_entropy")
>>> params = net.initialize("fan_in", np.random.default_rng(0), n_train=1437)
>>> net.forward(params, np.zeros((2, 64))).sum(axis=1).round(12).tolist()
[1.0, 1.0]
"""

from mlp.activations import ACTIVATIONS, Activation
from mlp.costs import COSTS, Cost, IncompatibleError, output_pairs
from mlp.descent import UPDATES, Descent
from mlp.initializers import BIAS_INITIALIZERS, INITIALIZERS
from mlp.metrics import accuracy, predict_classes
from mlp.network import Network, Pass
from mlp.parameters import Parameters
from mlp.parts import Part
from mlp.penalties import PENALTIES, Penalty
from mlp.recording import History
from mlp.registry import Registry, UnknownNameError, did_you_mean
from mlp.schedules import SCHEDULES
from mlp.streams import stream
from mlp.training import Replica, train
