"""JAX and PyTorch in the benchmark, where they are installed (the extra `bench`)."""

import importlib.util
import os
import time
from collections.abc import Callable

import numpy as np

from experiments.benchmark.contenders import Contender, first_parameters
from experiments.benchmark.workloads import Workload
from mlp import Network, Parameters, accuracy

Array = np.ndarray


def installed(module: str) -> bool:
    """Return whether a module could be imported."""
    return importlib.util.find_spec(module) is not None


class Jax(Contender):
    """A step for one network, `vmap`ped over the replicas, scanned over a lap, and compiled."""

    name = "JAX"
    module = "jax"

    def __init__(self, work: Workload, dtype: str, replicas: int) -> None:
        os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")
        super().__init__(work, dtype, replicas)
        import jax

        net = Network(work.sizes, work.hidden, dtype=dtype)
        params = first_parameters(net, work, replicas)
        with jax.default_device(jax.devices("cpu")[0]):
            part = work.part(dtype)
            self.X, self.Y = jax.numpy.asarray(part.X), jax.numpy.asarray(part.Y)
            pairs = zip(params.weights, params.biases, strict=True)
            self.params = [(jax.numpy.asarray(w), jax.numpy.asarray(b)) for w, b in pairs]
        self.epoch = jax.jit(_jax_steps(work))
        start = time.process_time()
        rows = next(next(self.orders)).shape[1]
        for index in self._batches(np.zeros((replicas, rows), dtype=np.int32)):
            jax.block_until_ready(self.epoch(self.params, self.X, self.Y, index))
        self.compile_seconds = time.process_time() - start

    def _batches(self, order: Array) -> list[Array]:
        """Return the full batches (R, steps, N), and the short one at the end by itself."""
        size = self.work.batch_size
        full = order.shape[1] // size * size
        order = order.astype(np.int32)
        found = [order[:, :full].reshape(len(order), -1, size)]
        return found + ([order[:, None, full:]] if full < order.shape[1] else [])

    def train(self, order):
        import jax

        for index in self._batches(order):
            self.params = self.epoch(self.params, self.X, self.Y, index)
        jax.block_until_ready(self.params)

    def test_accuracy(self):
        weights = [np.asarray(w) for w, _ in self.params]
        biases = [np.asarray(b) for _, b in self.params]
        return _accuracy(self.work, self.dtype, Parameters(weights, biases))


def _jax_steps(work: Workload) -> Callable:
    """Return the function that takes all steps of an index (R, steps, N)."""
    import jax
    from jax import numpy as jnp

    hidden = {"sigmoid": jax.nn.sigmoid, "relu": jax.nn.relu}[work.hidden]

    def cost(params, x, y):
        for w, b in params[:-1]:
            x = hidden(x @ w.T + b)
        w, b = params[-1]
        return -jnp.mean(jnp.sum(y * jax.nn.log_softmax(x @ w.T + b), axis=-1))

    def run(params, X, Y, index):
        def step(params, rows):
            gradient = jax.grad(cost)(params, X[rows], Y[rows])
            return jax.tree.map(lambda p, g: p - work.eta * g, params, gradient), None

        return jax.lax.scan(step, params, index)[0]

    return jax.vmap(run, in_axes=(0, None, None, 0))


class Torch(Contender):
    """Stacked weights, batched products and autograd; a Python step for all replicas."""

    name = "PyTorch"
    module = "torch"

    def __init__(self, work: Workload, dtype: str, replicas: int) -> None:
        super().__init__(work, dtype, replicas)
        import torch

        torch.set_num_threads(1)
        params = first_parameters(Network(work.sizes, work.hidden, dtype=dtype), work, replicas)
        part = work.part(dtype)
        self.X, self.labels = torch.from_numpy(part.X), torch.from_numpy(part.labels)
        self.weights = [torch.from_numpy(w).requires_grad_() for w in params.weights]
        self.biases = [torch.from_numpy(b[:, None]).requires_grad_() for b in params.biases]
        self.hidden = {"sigmoid": torch.sigmoid, "relu": torch.relu}[work.hidden]

    def train(self, order):
        import torch
        from torch.nn.functional import cross_entropy

        size = self.work.batch_size
        rows = torch.from_numpy(np.ascontiguousarray(order))
        everything = self.weights + self.biases
        for start in range(0, rows.shape[1], size):
            batch = rows[:, start : start + size]
            a = self.X[batch]
            for layer, (w, b) in enumerate(zip(self.weights, self.biases, strict=True)):
                z = torch.baddbmm(b, a, w.transpose(1, 2))
                a = self.hidden(z) if layer < len(self.weights) - 1 else z
            cost = cross_entropy(a.flatten(0, 1), self.labels[batch].flatten(), reduction="sum")
            gradient = torch.autograd.grad(cost / batch.shape[1], everything)
            with torch.no_grad():
                torch._foreach_sub_(everything, gradient, alpha=self.work.eta)

    def test_accuracy(self):
        weights = [w.detach().numpy() for w in self.weights]
        biases = [b.detach().numpy()[:, 0] for b in self.biases]
        return _accuracy(self.work, self.dtype, Parameters(weights, biases))


def _accuracy(work: Workload, dtype: str, params: Parameters) -> float:
    test, net = work.parts["test"], Network(work.sizes, work.hidden, dtype=dtype)
    singles = [params.replica(r) for r in range(len(params.weights[0]))]
    return float(np.mean([accuracy(net.forward(p, test.X), test.labels) for p in singles]))


RIVALS = (Jax, Torch)
