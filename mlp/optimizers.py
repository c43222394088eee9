"""Optimizers: how a gradient g becomes a step, with the step size η of the schedule.

An optimizer is one class. Its fields are its hyper-parameters, each with the default of its
source; its `update` is elementwise, so that a replica has the same bits in any stack.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar

import numpy as np

from mlp.checks import is_finite
from mlp.registry import Registry, UnknownNameError

OPTIMIZERS = Registry("optimizer")

Array = np.ndarray
Factor = float | Array
"""A number for all replicas of a stack, or one for each: (R,) or a column that broadcasts."""

Factors = Mapping[str, Factor]
States = Sequence[Array]


def _decay(default: float) -> Any:
    """Return a hyper-parameter by which the past counts less: from 0 to below 1."""
    return field(default=default, metadata={"is": "a number from 0 to below 1", "below": 1.0})


def _positive(default: float) -> Any:
    return field(default=default, metadata={"is": "a finite number above 0", "above": 0.0})


@dataclass(frozen=True)
class Optimizer:
    """The contract: `update` takes a step in place, from the factors that `factors` returns.

    - `states`: how many arrays of the parameters' shape it keeps (velocities, moments); they
      begin at 0.
    - `linear`: the step is linear in the gradients. They then come times η and the states are
      kept times η, so `update` has no factor η. Without states no `update` is needed: η g is
      subtracted.
    - `decoupled`: a penalty moves the weights by η λ ∂P/∂W itself and is no part of g.

    Raises ValueError for a hyper-parameter out of its range.
    """

    name: ClassVar[str]
    states: ClassVar[int] = 0
    linear: ClassVar[bool] = False
    decoupled: ClassVar[bool] = False

    def __post_init__(self) -> None:
        for one in fields(self):
            value, allowed = getattr(self, one.name), one.metadata
            inside = is_finite(value) and value < allowed.get("below", np.inf)
            if not inside or value <= allowed.get("above", -1.0):
                raise ValueError(
                    f"{one.name} of the optimizer {self.name} is {allowed['is']}, found {value!r}"
                )
            object.__setattr__(self, one.name, float(value))

    @property
    def plain(self) -> bool:
        """Whether the step is η g: a large network does not even store the gradient."""
        return self.linear and not self.states

    @property
    def setting(self) -> str | dict[str, Any]:
        """Its name, or a mapping of its name and the hyper-parameters that are not the defaults."""
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        changed = {o.name: given[o.name] for o in fields(self) if given[o.name] != o.default}
        return {"name": self.name, **changed} if changed else self.name

    def factors(self, eta: Factor, step: int, **given: Factor) -> dict[str, Factor]:
        """Return what `update` is called with at a step, counted from 1: η, hyper-parameters."""
        return given if self.linear else {"eta": eta, **given}

    def update(self, w: Array, g: Array, spare: Array, states: States, by: Factors) -> None:
        """Move the parameters w by the gradient g, in place; g and `spare` may be overwritten.

        All arrays have the shape of w; `by` has the factors by name.
        """
        raise NotImplementedError


def optimizer_of(given: str | Mapping[str, Any] | Optimizer) -> Optimizer:
    """Return the optimizer of a name, or of a mapping of its name and hyper-parameters.

    Raises UnknownNameError for a name or hyper-parameter that there is not, ValueError for a
    hyper-parameter out of its range.

    >>> optimizer_of({"name": "adam", "beta1": 0.5, "beta2": 0.999}).setting
    {'name': 'adam', 'beta1': 0.5}
    """
    if isinstance(given, Optimizer):
        return given
    options = dict(given) if isinstance(given, Mapping) else {"name": given}
    if "name" not in options:
        raise ValueError(
            "an optimizer is a name, or a mapping with the key 'name' such as "
            f"{{name: adam, beta1: 0.9}}, found {given!r}"
        )
    default: Optimizer = OPTIMIZERS[options.pop("name")]
    known = [one.name for one in fields(default)]
    for key in options:
        if key not in known:
            raise UnknownNameError(f"hyper-parameter of {default.name}", key, known)
    return replace(default, **options)


@OPTIMIZERS.register("sgd")
@dataclass(frozen=True)
class Sgd(Optimizer):
    """w ← w - η g, line 9 of Algorithm 1 (Robbins and Monro, 1951)."""

    linear = True


@OPTIMIZERS.register("momentum")
@dataclass(frozen=True)
class Momentum(Optimizer):
    """v ← μ v + g, w ← w - η v (Polyak, 1964).

    As in torch.optim.SGD, η is outside of v: a schedule acts on the whole velocity. The state is
    η v.
    """

    states, linear = 1, True
    momentum: float = _decay(0.9)

    def update(self, w: Array, g: Array, spare: Array, states: States, by: Factors) -> None:
        (v,) = states
        _remember(v, by["momentum"], g)
        np.subtract(w, v, out=w)


@OPTIMIZERS.register("nesterov")
@dataclass(frozen=True)
class Nesterov(Momentum):
    """v ← μ v + g, w ← w - η (g + μ v) (Nesterov, 1983; Sutskever et al., 2013).

    The state is η v, as that of momentum.
    """

    def update(self, w: Array, g: Array, spare: Array, states: States, by: Factors) -> None:
        (v,) = states
        _remember(v, by["momentum"], g)
        np.multiply(v, by["momentum"], out=spare)
        np.add(g, spare, out=g)
        np.subtract(w, g, out=w)


@OPTIMIZERS.register("adagrad")
@dataclass(frozen=True)
class Adagrad(Optimizer):
    """s ← s + g², w ← w - η g/(√s + ε) (Duchi, Hazan and Singer, 2011)."""

    states = 1
    epsilon: float = _positive(1e-8)

    def update(self, w: Array, g: Array, spare: Array, states: States, by: Factors) -> None:
        (s,) = states
        np.add(s, np.square(g, out=spare), out=s)
        _step_over_root(w, g, s, spare, by)


@OPTIMIZERS.register("rmsprop")
@dataclass(frozen=True)
class Rmsprop(Optimizer):
    """s ← ρ s + (1 - ρ) g², w ← w - η g/(√s + ε) (Tieleman and Hinton, 2012).

    The default of ρ is PyTorch's; the lecture says 0.9. The state is s/(1 - ρ).
    """

    states = 1
    rho: float = _decay(0.99)
    epsilon: float = _positive(1e-8)

    def factors(self, eta: Factor, step: int, **given: Factor) -> dict[str, Factor]:
        root = np.sqrt(1 - given["rho"])
        return {"eta": eta / root, "rho": given["rho"], "epsilon": given["epsilon"] / root}

    def update(self, w: Array, g: Array, spare: Array, states: States, by: Factors) -> None:
        (s,) = states
        _remember(s, by["rho"], np.square(g, out=spare))
        _step_over_root(w, g, s, spare, by)


@OPTIMIZERS.register("adam")
@dataclass(frozen=True)
class Adam(Optimizer):
    """w ← w - η m̂/(√v̂ + ε), m̂ and v̂ the corrected means of g and g² (Kingma and Ba, 2015).

    m ← β1 m + (1 - β1) g, v ← β2 v + (1 - β2) g², m̂ = m/(1 - β1^t), v̂ = v/(1 - β2^t) at step t.
    The states are m/(1 - β1) and v/(1 - β2); `factors` makes up for it.
    """

    states = 2
    beta1: float = _decay(0.9)
    beta2: float = _decay(0.999)
    epsilon: float = _positive(1e-8)

    def factors(self, eta: Factor, step: int, **given: Factor) -> dict[str, Factor]:
        beta1, beta2 = given["beta1"], given["beta2"]
        mean = (1 - beta1) / (1 - _power(beta1, step))
        root = np.sqrt((1 - beta2) / (1 - _power(beta2, step)))
        return {**given, "eta": eta * mean / root, "epsilon": given["epsilon"] / root}

    def update(self, w: Array, g: Array, spare: Array, states: States, by: Factors) -> None:
        m, v = states
        _remember(m, by["beta1"], g)
        _remember(v, by["beta2"], np.square(g, out=g))
        _step_over_root(w, m, v, spare, by)


@OPTIMIZERS.register("adamw")
@dataclass(frozen=True)
class AdamW(Adam):
    """w ← w - η m̂/(√v̂ + ε) - η λ ∂P/∂w (Loshchilov and Hutter, 2019).

    It is Adam with a decoupled penalty: without a penalty, it is Adam.
    """

    decoupled = True


def _remember(state: Array, decay: Factor, new: Array) -> None:
    """Let the past count less than what is new: state ← decay · state + new."""
    np.multiply(state, decay, out=state)
    np.add(state, new, out=state)


def _step_over_root(w: Array, direction: Array, s: Array, spare: Array, by: Factors) -> None:
    """Take the step w ← w - η direction/(√s + ε)."""
    np.sqrt(s, out=spare)
    np.add(spare, by["epsilon"], out=spare)
    np.divide(direction, spare, out=spare)
    np.multiply(spare, by["eta"], out=spare)
    np.subtract(w, spare, out=w)


def _power(beta: Factor, step: int) -> Factor:
    """Return beta^step, of one number or of many with the same bits (NumPy's may differ)."""
    if isinstance(beta, float):
        return beta**step
    return np.array([each**step for each in beta.tolist()])
