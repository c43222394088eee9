"""Multilayer perceptrons in NumPy, after "Neural networks and Back Propagation" (Vege, 2018).

A `Network` has a shape and components, its numbers are `Parameters`. `train` trains a stack of
networks at once, each a `Replica` with its own seed and step size, on a `Part` of the data. `fit`
trains a single network in one line, if scikit-learn is installed.

>>> import numpy as np, mlp
>>> from sklearn.datasets import load_iris
>>> model = mlp.fit(*load_iris(return_X_y=True), hidden=(20,), epochs=100)
>>> model.score(*load_iris(return_X_y=True)) > 0.9
True

With all that it consists of:

>>> net = mlp.Network(sizes=(64, 30, 10), hidden="sigmoid", output="softmax", cost="cross_entropy")
>>> params = net.initialize("fan_in", np.random.default_rng(0), n_train=1437)
>>> net.forward(params, np.zeros((2, 64))).sum(axis=1).round(12).tolist()
[1.0, 1.0]
>>> X, labels = np.random.default_rng(1).normal(size=(100, 64)), np.arange(100) % 10
>>> stack = mlp.Parameters.stack([params])  # a copy: `params` stays untrained
>>> parts = {"train": mlp.Part(X, np.eye(10)[labels], labels)}
>>> replicas = [mlp.Replica(seed=0, eta=1.0)]
>>> history = mlp.train(net, stack, parts, replicas, epochs=20, batch_size=10)
>>> trained = stack.replica(0)
>>> bool(net.cost(trained, X, parts["train"].Y) < net.cost(params, X, parts["train"].Y))
True
"""

from mlp.activations import ACTIVATIONS, Activation
from mlp.costs import COSTS, Cost, IncompatibleError, output_pairs
from mlp.descent import UPDATES, Descent
from mlp.fitting import fit
from mlp.initializers import BIAS_INITIALIZERS, INITIALIZERS
from mlp.metrics import accuracy, predict_classes
from mlp.network import Network, Pass
from mlp.optimizers import OPTIMIZERS, Optimizer, optimizer_of
from mlp.parameters import Parameters
from mlp.parts import Part
from mlp.penalties import PENALTIES, Penalty
from mlp.recording import History
from mlp.registry import Registry, UnknownNameError, did_you_mean
from mlp.saving import load, save
from mlp.schedules import SCHEDULES
from mlp.selection import SELECT
from mlp.streams import stream
from mlp.training import Replica, train

__version__ = "0.1.0"

__all__ = [  # in the order of help(mlp); the package is these names
    "Network",
    "Parameters",
    "Part",
    "Replica",
    "train",
    "fit",
    "save",
    "load",
    "History",
    "ACTIVATIONS",
    "BIAS_INITIALIZERS",
    "COSTS",
    "INITIALIZERS",
    "OPTIMIZERS",
    "PENALTIES",
    "SCHEDULES",
    "SELECT",
    "UPDATES",
    "Activation",
    "Cost",
    "Descent",
    "IncompatibleError",
    "Optimizer",
    "Pass",
    "Penalty",
    "Registry",
    "UnknownNameError",
    "accuracy",
    "did_you_mean",
    "optimizer_of",
    "output_pairs",
    "predict_classes",
    "stream",
]
