"""A stacked run equals the same run alone, bit for bit: guarantee 1, for every component."""

from dataclasses import replace
from functools import cache
from itertools import cycle, islice, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_info

import mlp
from tests.conftest import DTYPES, HIDDEN, NOTED, flat, pairs, samples

pytestmark = pytest.mark.component
MIXED = [  # neighbours in a stack differ in everything that may differ
    {"init": init, "bias_init": bias, "schedule": schedule, "eta": eta, "lambda_": lambda_}
    for init, bias, schedule, eta, lambda_ in islice(
        zip(
            cycle(mlp.INITIALIZERS),
            cycle(mlp.BIAS_INITIALIZERS),
            cycle(mlp.SCHEDULES),
            cycle((0.1, 1.0, 0.01, 3.0)),
            cycle((0.0, 0.01, 0.1)),
            strict=False,
        ),
        60,
    )
]


def start(net, seed, init, bias_init, schedule, eta, lambda_):
    """Return the first parameters and the settings of one replica."""
    rng = mlp.stream("initial draw", seed)
    params = net.initialize(init, rng, n_train=20, bias_init=bias_init)
    return params, mlp.Replica(seed, eta, schedule, lambda_ if net.penalty.active else 0.0)


def parts_for(net, rows, evaluated=(140, 129), labelled=True):
    """Return a training part and others that end in chunks of 12 rows and of 1 row."""
    rng = np.random.default_rng(rows)
    sizes = dict(zip(("train", "validation", "test"), (rows, *evaluated), strict=False))
    parts = {n: samples(rng, r, net.sizes[0], net.sizes[-1], net.dtype) for n, r in sizes.items()}
    return parts if labelled else {n: mlp.Part(p.X, p.Y) for n, p in parts.items()}


def run(net, parts, runs, **options):
    """Train a stack; return each replica's parameters, curves and end, as bytes."""
    params = mlp.Parameters.stack([first for first, _ in runs])
    options = {"epochs": 2, "batch_size": 4, **options}
    history = mlp.train(net, params, parts, [replica for _, replica in runs], **options)
    ends = np.stack([history.diverged_at, history.stopped_at], axis=1)
    return [
        (flat(params.replica(r)).tobytes(), history.curves[r].tobytes(), ends[r].tolist())
        for r in range(len(runs))
    ]


def assert_same(together, alone):
    """Require equal bytes; name the replicas and the parts that differ."""
    names = ("parameters", "curves", "end")
    assert [
        (r, name)
        for r, (a, b) in enumerate(zip(together, alone, strict=True))
        for name, x, y in zip(names, a, b, strict=True)
        if x != y
    ] == []


def check(net, parts, count, **options):
    runs = [start(net, seed % 5, **mixed) for seed, mixed in zip(range(count), MIXED, strict=False)]
    alone = [run(net, parts, [one], **options)[0] for one in runs]
    assert_same(run(net, parts, runs, **options), alone)
    check_folds(net, parts, runs, [r % 3 for r in range(count)], **options)


def check_folds(net, parts, runs, places, **options):
    """Require that runs on several folds in one stack equal each run alone on its fold."""
    folds = [parts, *(other_fold(parts, factor) for factor in (1.5, -0.7))]
    alone = [run(net, folds[f], [one], **options)[0] for f, one in zip(places, runs, strict=True)]
    placed = [
        (first, replace(replica, fold=f)) for f, (first, replica) in zip(places, runs, strict=True)
    ]
    assert_same(run(net, folds, placed, **options), alone)


def other_fold(parts, factor):
    """Return parts of the same shapes with other samples, in which no row is in its place."""
    return {
        name: mlp.Part(
            p.X[::-1] * p.X.dtype.type(factor),
            p.Y[::-1],
            None if p.labels is None else p.labels[::-1],
        )
        for name, p in parts.items()
    }


def test_blas_has_one_thread():
    assert {pool["num_threads"] for pool in threadpool_info()} <= {1}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("hidden", "cost", "output", "k"),
    [
        (hidden, *pair)
        for hidden, pair in product(HIDDEN, pairs(1, 11))
        if hidden in NOTED or pair == ("cross_entropy", "softmax", 11)
    ],
)
def test_every_activation_and_cost(hidden, cost, output, k, dtype):
    net = mlp.Network((5, 9, 7, k), hidden, output, cost, dtype=dtype)
    check(net, parts_for(net, 13), 7)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("update", mlp.UPDATES)
@pytest.mark.parametrize("penalty", mlp.PENALTIES)
@pytest.mark.parametrize("batch_size", [1, 4, 13, 50])
def test_every_penalty_update_and_batch_size(penalty, update, batch_size, dtype):
    net = mlp.Network((5, 9, 3), penalty=penalty, dtype=dtype)
    check(net, parts_for(net, 13), 6, update=update, batch_size=batch_size)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("bias_init", mlp.BIAS_INITIALIZERS)
@pytest.mark.parametrize("init", mlp.INITIALIZERS)
def test_every_initializer_and_schedule(init, bias_init, dtype):
    net = mlp.Network((5, 9, 3), "tanh", dtype=dtype)
    parts = parts_for(net, 13)
    runs = [start(net, 0, init, bias_init, name, 0.5, 0.0) for name in mlp.SCHEDULES]
    assert_same(run(net, parts, runs), [run(net, parts, [one])[0] for one in runs])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("sizes", [(50, 80, 3), (40, 50, 50, 2), (1600, 4, 2)], ids=str)
def test_networks_so_large_that_they_are_updated_at_once(sizes, hidden, dtype):
    net = mlp.Network(sizes, hidden, dtype=dtype)
    check(net, parts_for(net, 13), 18)


@cache
def thirty_three(sizes, dtype, update):
    """Return a network, its samples, 33 runs and what each gives alone."""
    output = "sigmoid" if sizes[-1] == 1 else "softmax"
    net = mlp.Network(sizes, "tanh", output, penalty="l2", dtype=dtype)
    parts = parts_for(net, 13)
    runs = [start(net, seed, **mixed) for seed, mixed in zip(range(33), MIXED, strict=False)]
    return net, parts, runs, [run(net, parts, [one], update=update)[0] for one in runs]


@pytest.mark.parametrize("count", [1, 2, 7, 33])
@pytest.mark.parametrize("update", mlp.UPDATES)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "sizes",
    [(6, 11), (5, 1), (1, 1, 1), (5, 1, 3), (7, 17, 1), (3, 33, 19, 10)],
    ids=lambda sizes: "-".join(map(str, sizes)),
)
def test_every_size_of_stack_and_odd_layers(sizes, dtype, update, count):
    net, parts, runs, alone = thirty_three(sizes, dtype, update)
    assert_same(run(net, parts, runs[-count:], update=update), alone[-count:])
    assert len({parameters for parameters, _, _ in alone}) == 33  # all differ


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("sizes", "rows", "batch_size", "count"),
    [((64, 30, 10), 125, 10, 33), ((784, 100, 10), 65, 32, 5), ((40, 100, 10), 301, 100, 4)],
)
def test_sizes_that_the_studies_use(sizes, rows, batch_size, count, dtype):
    """Large enough for every path through BLAS and for NumPy's buffers of 8192 numbers."""
    net = mlp.Network(sizes, "relu", dtype=dtype)
    check(net, parts_for(net, rows, (500, 300)), count, epochs=1, batch_size=batch_size)


@pytest.mark.parametrize("k", [1, 2, 11])
@pytest.mark.parametrize("dtype", DTYPES)
def test_regression(dtype, k):
    net = mlp.Network((5, 9, k), "tanh", "identity", "mse", dtype=dtype)
    check(net, parts_for(net, 13, (1000, 129), labelled=False), 9)


@pytest.mark.parametrize("options", [{"patience": 1}, {"exact_train": False}])
@pytest.mark.parametrize("dtype", DTYPES)
def test_early_stopping_and_cheaper_records(dtype, options):
    net = mlp.Network((5, 9, 3), dtype=dtype)
    check(net, parts_for(net, 13), 12, epochs=8, **options)


@st.composite
def settings_of_runs(draw):
    """Return a small network, its samples, some runs of it and the options of training."""
    cost, output, k = draw(st.sampled_from(pairs(1, 2, 3, 10)))
    sizes = draw(st.lists(st.integers(1, 9), min_size=1, max_size=3))
    penalty = draw(st.sampled_from(list(mlp.PENALTIES)))
    hidden = [draw(st.sampled_from(HIDDEN)) for _ in sizes[1:]]
    dtype = draw(st.sampled_from(DTYPES))
    net = mlp.Network((*sizes, k), hidden, output, cost, penalty, dtype=dtype)
    one = st.builds(
        start,
        st.just(net),
        seed=st.integers(0, 9),
        init=st.sampled_from(list(mlp.INITIALIZERS)),
        bias_init=st.sampled_from(list(mlp.BIAS_INITIALIZERS)),
        schedule=st.sampled_from(list(mlp.SCHEDULES)),
        eta=st.sampled_from([1e-4, 0.1, 3.0, 1e6]),
        lambda_=st.sampled_from([0.0, 1e-3, 1.0]),
    )
    runs = draw(st.lists(one, min_size=1, max_size=6))
    rows = draw(st.integers(1, 20))
    options = {
        "epochs": draw(st.integers(0, 4)),
        "batch_size": draw(st.integers(1, rows + 2)),
        "update": draw(st.sampled_from(mlp.UPDATES)),
        "patience": draw(st.sampled_from([None, 1, 2])),
        "exact_train": draw(st.booleans()),
    }
    return net, parts_for(net, rows, (draw(st.integers(1, 30)),)), runs, options


@settings(max_examples=150)
@given(case=settings_of_runs(), data=st.data())
def test_stacks_of_any_composition_and_order_equal_single_runs(case, data):
    net, parts, runs, options = case
    alone = [run(net, parts, [one], **options)[0] for one in runs]
    assert_same(run(net, parts, runs, **options), alone)
    chosen = data.draw(st.permutations(range(len(runs))))[: data.draw(st.integers(1, len(runs)))]
    mixed = run(net, parts, [runs[r] for r in chosen], **options)
    assert_same(mixed, [alone[r] for r in chosen])
    places = data.draw(st.lists(st.integers(0, 2), min_size=len(runs), max_size=len(runs)))
    check_folds(net, parts, runs, places, **options)


@pytest.mark.parametrize("output", ["softmax", "sigmoid"])
def test_targets_of_one_fold_do_not_change_the_costs_of_another(output):
    """A cost may take a shorter way if each target is one class: a fold must not lose it."""
    net = mlp.Network((3, 4, 3), output=output)
    parts = parts_for(net, 13)
    soft = {n: mlp.Part(p.X, np.full_like(p.Y, 1 / 3)) for n, p in parts.items()}
    hard = {n: mlp.Part(p.X, p.Y * 0.999 + 0.0005) for n, p in parts.items()}
    classes = {n: mlp.Part(p.X, p.Y) for n, p in parts.items()}
    runs = [start(net, seed, **MIXED[seed]) for seed in range(3)]
    folds = [soft, hard, classes]
    with pytest.raises(ValueError, match="no labels"):
        run(net, folds, runs)
    folds = [soft, hard, soft]
    placed = [(first, replace(one, fold=f)) for f, (first, one) in enumerate(runs)]
    alone = [run(net, folds[f], [one])[0] for f, one in enumerate(runs)]
    assert_same(run(net, folds, placed), alone)


def test_folds_that_do_not_match_are_refused():
    net = mlp.Network((3, 4, 3))
    parts, longer = parts_for(net, 13), parts_for(net, 14)
    first, replica = start(net, 0, **MIXED[0])
    for folds, fold, message in [
        ([parts, longer], 0, "one shape"),
        ([parts, {"train": parts["train"]}], 0, "same parts"),
        ([], 0, "no fold"),
        ([parts, None], 0, "same parts"),
        ([parts, parts], 2, "2 folds, from 0 to 1, and a replica of fold 2"),
        ([parts], -1, "a replica of fold -1"),
        ([parts], 0.5, "a fold is a whole number, found .0.5."),
    ]:
        with pytest.raises(ValueError, match=message):
            run(net, folds, [(first, replace(replica, fold=fold))])
