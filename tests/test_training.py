"""Algorithm 1: batches, updates, records, divergence, early stopping, and scikit-learn."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neural_network import MLPClassifier

import mlp
from mlp import selection
from mlp.recording import CHUNK, chunk_rows, history_columns, recorded_epochs
from tests.conftest import DTYPES, HIDDEN, flat, pairs, samples, unflat

SKLEARN = {"sigmoid": "logistic", "tanh": "tanh", "relu": "relu", "identity": "identity"}


def network(sizes=(5, 6, 3), hidden="tanh", **options):
    return mlp.Network(sizes, hidden=hidden, **options)


def starts(net, count, init="fan_in"):
    return [net.initialize(init, np.random.default_rng(s), n_train=10) for s in range(count)]


def parts_for(net, seed=0, rows=10, others=("validation", "test")):
    rng = np.random.default_rng(seed)
    sizes = {"train": rows, **dict.fromkeys(others, 9)}
    return {
        name: samples(rng, n, net.sizes[0], net.sizes[-1], net.dtype) for name, n in sizes.items()
    }


def trained(net, singles, replicas, parts=None, **options):
    """Return the trained stack and its history; `singles` stay as they are."""
    params = mlp.Parameters.stack(singles)
    options = {"epochs": 6, "batch_size": 4, **options}
    return params, mlp.train(net, params, parts or parts_for(net), replicas, **options)


def descend(net, params, part, order, eta, batch_size, update="batch", lambda_=0.0):
    """Take one epoch by the package; return the parameters."""
    stack = mlp.Parameters.stack([params])
    descent = mlp.Descent(net, stack, part, batch_size, update, lambda_)
    descent.epoch(np.array([order]), np.array([eta]))
    return flat(stack.replica(0))


def by_hand(net, params, part, order, eta, batch_size, update="batch"):
    """Take one epoch of Algorithm 1 written out; return parameters and the last gradient."""
    theta, gradients = flat(params), []
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        now = unflat(theta, params) if update == "batch" else params
        gradients.append(flat(net.gradient(now, part.X[rows], part.Y[rows])))
        if update == "batch":
            theta = theta - eta * gradients[-1]
    if update == "epoch":
        theta = theta - eta * np.mean(gradients, axis=0)
    return theta, gradients[-1]


def close(a, b, tolerance=1e-10):
    """Require that a and b agree, relative to the largest number."""
    np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * np.abs(b).max())


# --- Algorithm 1 ----------------------------------------------------------------------------


@pytest.mark.parametrize("update", mlp.UPDATES)
@pytest.mark.parametrize("penalty", mlp.PENALTIES)
@pytest.mark.parametrize("batch_size", [1, 3, 4, 10, 99])
def test_an_epoch_is_algorithm_1_written_out(update, penalty, batch_size):
    """All 10 rows are used, in the order given; the last batch may have 1 or 2. Error 1e-12."""
    lambda_ = 0.05 if mlp.PENALTIES[penalty].active else 0.0
    net = network(penalty=penalty, lambda_=lambda_)
    (params,), part = starts(net, 1), parts_for(net)["train"]
    order = np.random.default_rng(3).permutation(10)
    mine = descend(net, params, part, order, 0.3, batch_size, update, lambda_)
    theirs, _ = by_hand(net, params, part, order, 0.3, batch_size, update)
    close(mine, theirs, 1e-12)


def test_update_epoch_with_equal_batches_is_full_batch_descent():
    net = network()
    (params,), part = starts(net, 1), parts_for(net, rows=12)["train"]
    order, whole = np.random.default_rng(3).permutation(12), np.arange(12)
    literal = descend(net, params, part, order, 0.3, 4, "epoch")
    close(literal, descend(net, params, part, whole, 0.3, 12), 1e-14)
    gradient = flat(net.gradient(params, part.X, part.Y))
    close(literal, flat(params) - 0.3 * gradient, 1e-14)


def test_update_is_batch_or_epoch():
    net = network()
    assert mlp.UPDATES == ("batch", "epoch")
    with pytest.raises(ValueError, match="update is one of batch, epoch, found 'batches'"):
        trained(net, starts(net, 1), [mlp.Replica(0, 0.1)], update="batches")


@pytest.mark.parametrize("update", mlp.UPDATES)
def test_training_shuffles_each_epoch_by_the_replicas_stream(update):
    net, eta = network(), 0.2
    parts = parts_for(net)
    params, history = trained(
        net, starts(net, 1), [mlp.Replica(7, eta, "inverse")], parts, epochs=3, update=update
    )
    now, rng = starts(net, 1)[0], mlp.stream("order", 7)
    for epoch in range(3):
        order, step = rng.permutation(10), mlp.SCHEDULES["inverse"](eta, epoch, 3)
        theta, last = by_hand(net, now, parts["train"], order, step, 4, update)
        for layer, gradient in enumerate(unflat(last, now).weights, 1):
            norm = history.column(f"gradient_norm_{layer}")[0, epoch + 1]
            assert norm == pytest.approx(np.linalg.norm(gradient), rel=1e-10)
        now = unflat(theta, now)
    close(flat(params.replica(0)), flat(now), 1e-12)


def test_defaults_and_epoch_count():
    net, seen = network(), []
    _, history = trained(
        net, starts(net, 2), [mlp.Replica(0, 0.1)] * 2, on_epoch=lambda e, h: seen.append((e, h))
    )
    assert [epoch for epoch, _ in seen] == [1, 2, 3, 4, 5, 6]
    assert all(h is history for _, h in seen)
    assert history.curves.shape == (2, 7, len(history.columns))
    assert history.columns == history_columns(2, ["train", "validation", "test"])
    assert history.stopped_at.tolist() == history.diverged_at.tolist() == [-1, -1]
    _, none = trained(net, starts(net, 1), [mlp.Replica(0, 0.1)], epochs=0)
    assert none.curves.shape[1] == 1


# --- what is recorded -----------------------------------------------------------------------


@pytest.mark.parametrize(("cost", "output", "k"), pairs(1, 3))
def test_accuracy_and_cost_are_those_of_the_parameters(cost, output, k):
    """At epoch 0 and at the end, on every part; relative error 1e-12."""
    net = network((5, 6, k), output=output, cost=cost)
    parts, first = parts_for(net), starts(net, 3)
    params, history = trained(net, first, [mlp.Replica(s, 0.1) for s in range(3)], parts)
    assert not np.isnan(np.delete(history.curves, 0, axis=2)).any()
    for name, part in parts.items():
        for epoch, stack in ((0, mlp.Parameters.stack(first)), (-1, params)):
            costs = net.cost(stack, part.X, part.Y)
            scores = mlp.accuracy(net.forward(stack, part.X), part.labels)
            np.testing.assert_allclose(history.column(f"{name}_cost")[:, epoch], costs, rtol=1e-12)
            np.testing.assert_array_equal(history.column(f"{name}_accuracy")[:, epoch], scores)


def test_evaluation_in_chunks_sees_every_row():
    net = network()
    parts = parts_for(net, rows=300)
    params, history = trained(net, starts(net, 2), [mlp.Replica(s, 0.1) for s in range(2)], parts)
    costs = net.cost(params, parts["train"].X, parts["train"].Y)
    np.testing.assert_allclose(history.column("train_cost")[:, -1], costs, rtol=1e-12)


def test_step_sizes_are_recorded():
    net = network()
    replicas = [mlp.Replica(0, 0.1 * (i + 1), name) for i, name in enumerate(mlp.SCHEDULES)]
    _, history = trained(net, starts(net, len(replicas)), replicas)
    steps = history.column("step_size")
    assert np.isnan(steps[:, 0]).all()  # no step led to epoch 0
    for row, replica in zip(steps, replicas, strict=True):
        schedule = mlp.SCHEDULES[replica.schedule]
        assert row[1:].tolist() == [schedule(replica.eta, i, 6) for i in range(6)]


@pytest.mark.parametrize("update", mlp.UPDATES)
def test_norms_at_epoch_0_are_of_the_first_batch(update):
    net = network()
    parts, (first,) = parts_for(net), starts(net, 1)
    _, history = trained(net, [first], [mlp.Replica(7, 0.2)], parts, epochs=1, update=update)
    rows = mlp.stream("order", 7).permutation(10)[:4]
    X, Y = parts["train"].X[rows], parts["train"].Y[rows]
    for layer, g in enumerate(net.gradient(first, X, Y).weights, 1):
        norm = history.column(f"gradient_norm_{layer}")[0, 0]
        assert norm == pytest.approx(np.linalg.norm(g), rel=1e-12)
    delta = net.forward(first, X) - Y  # (39)
    expected = np.sqrt(np.mean(np.sum(delta**2, axis=1)))
    assert history.column("delta_norm")[0, 0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("watched", ["validation", "train"])
def test_saturation_and_sizes_are_those_of_the_watched_part(hidden, watched):
    net = network(hidden=hidden)
    (first,) = starts(net, 1, "large")
    first.biases[0][:2] = -50.0, 50.0  # a unit that is dead, if the activation has such
    parts = parts_for(net, rows=200, others=("validation",) if watched == "validation" else ())
    _, history = trained(net, [first], [mlp.Replica(0, 0.1)], parts, epochs=0)
    some = parts[watched].X[:128]
    run = mlp.Pass(net, first.as_stack(), len(some))
    with np.errstate(all="ignore"):  # a pass leaves this to its caller
        run.forward(some)
    recorded = dict(zip(history.columns, history.curves[0, 0], strict=True))
    for layer in (1, 2):
        z, a = run.z[layer - 1][0], run.a[layer - 1][0]
        saturated = net.activations[layer - 1].saturated(z, a)
        assert recorded[f"saturated_{layer}"] == pytest.approx(saturated.mean(), rel=1e-14)
        assert recorded[f"dead_{layer}"] == saturated.all(axis=0).mean()
        rms = np.sqrt(np.mean(first.weights[layer - 1] ** 2))
        assert recorded[f"weight_rms_{layer}"] == pytest.approx(rms, rel=1e-14)
    assert recorded["logit_rms"] == pytest.approx(np.sqrt(np.mean(run.z[-1] ** 2)), rel=1e-14)


def test_saturation_is_of_the_first_128_rows_however_they_are_chunked():
    net = network((1600, 10, 2), "sigmoid")
    assert chunk_rows(net.sizes) < CHUNK
    (first,) = starts(net, 1, "large")
    parts = parts_for(net, rows=140, others=())
    _, history = trained(net, [first], [mlp.Replica(0, 0.1)], parts, epochs=0)
    z = parts["train"].X[:128] @ first.weights[0].T + first.biases[0]
    saturated = net.activations[0].saturated(z, net.activations[0](z))
    assert history.column("saturated_1")[0, 0] == pytest.approx(saturated.mean(), rel=1e-14)
    assert history.column("dead_1")[0, 0] == saturated.all(axis=0).mean()


def test_regression_records_r_squared():
    net = network((5, 6, 2), output="identity", cost="mse")
    rng = np.random.default_rng(0)
    part = mlp.Part(rng.standard_normal((10, 5)), rng.standard_normal((10, 2)))
    params, history = trained(net, starts(net, 2), [mlp.Replica(0, 0.1)] * 2, {"train": part})
    residual = np.sum((net.forward(params, part.X) - part.Y) ** 2, axis=(1, 2))
    total = np.sum((part.Y - part.Y.mean(axis=0)) ** 2)
    np.testing.assert_allclose(
        history.column("train_accuracy")[:, -1], 1 - residual / total, rtol=1e-12
    )


@pytest.mark.parametrize("update", mlp.UPDATES)
@pytest.mark.parametrize(
    "others",
    [("validation", "test"), ()],
    ids=len,
)
def test_without_exact_train_no_bit_of_the_parameters_changes(update, others):
    net = network()
    replicas = [mlp.Replica(s, 0.1) for s in range(3)]
    exact, loose = (
        trained(
            net,
            starts(net, 3),
            replicas,
            parts_for(net, others=others),
            update=update,
            exact_train=exact,
        )
        for exact in (True, False)
    )
    for mine, theirs in zip(exact[0].arrays(), loose[0].arrays(), strict=True):
        assert mine.tobytes() == theirs.tobytes()
    for name in ("train_cost", "train_accuracy"):
        column = loose[1].column(name)
        assert np.isnan(column[:, 1:-1]).all()
        np.testing.assert_array_equal(column[:, [0, -1]], exact[1].column(name)[:, [0, -1]])
    if others:
        np.testing.assert_array_equal(
            loose[1].column("validation_cost"), exact[1].column("validation_cost")
        )


@pytest.mark.parametrize("every", [1, 2, 4, 100, "doubling"])
@pytest.mark.parametrize("sizes", [(5, 6, 3), (60, 80, 3)], ids=str)  # the second has no gradient
def test_what_is_recorded_less_often_is_the_same(every, sizes):
    net = network(sizes)
    replicas = [mlp.Replica(s, 0.1) for s in range(2)]
    all_of_it, some = (
        trained(net, starts(net, 2), replicas, epochs=9, record_every=each) for each in (1, every)
    )
    measured = recorded_epochs(9, every)
    between = np.setdiff1d(np.arange(10), measured)
    assert flat(some[0]).tobytes() == flat(all_of_it[0]).tobytes()
    mine, full = some[1].curves, all_of_it[1].curves
    assert mine[:, measured].tobytes() == full[:, measured].tobytes()
    assert np.isnan(mine[:, between, 1:]).all()
    assert (some[1].column("step_size")[:, 1:] == 0.1).all()


@given(st.integers(0, 300), st.integers(1, 400) | st.just("doubling"))
def test_start_and_end_are_always_recorded(epochs, every):
    found = recorded_epochs(epochs, every)
    assert found == sorted(set(found))
    assert (found[0], found[-1]) == (0, epochs)
    if every == "doubling":
        assert all(b <= 2 * a for a, b in pairwise(found[1:]))
    else:
        assert all(b - a <= every for a, b in pairwise(found))


# --- divergence -----------------------------------------------------------------------------


def test_divergence_is_noticed_between_two_measurements():
    net = network(hidden="relu", output="identity", cost="mse")
    replicas = [mlp.Replica(s, eta) for s, eta in ((0, 1e6), (1, 0.01))]
    full, few = (
        trained(net, starts(net, 2), replicas, epochs=80, record_every=every)[1]
        for every in (1, 80)
    )
    assert 0 < few.diverged_at[0] < 80
    assert few.diverged_at[0] >= full.diverged_at[0]  # the weights last longer than the cost
    assert few.diverged_at[1] == -1


@pytest.mark.parametrize("kind", ["step size 1e6", "nan weight", "inf weight"])
@pytest.mark.parametrize("update", mlp.UPDATES)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("patience", [None, 4])
def test_divergence_is_noticed_and_disturbs_no_neighbour(kind, update, dtype, patience):
    net = network(hidden="relu", dtype=dtype, output="identity", cost="mse")
    options = {"update": update, "patience": patience, "epochs": 30}
    singles, replicas = starts(net, 3), [mlp.Replica(s, 0.01) for s in range(3)]
    calm, quiet = trained(net, singles, replicas, **options)
    if kind == "step size 1e6":
        replicas[1] = mlp.Replica(1, 1e6)
    else:
        singles[1].weights[-1][0, 0] = float(kind.split()[0])
    params, history = trained(net, singles, replicas, **options)
    assert quiet.diverged_at.tolist() == [-1, -1, -1]
    assert history.diverged_at[[0, 2]].tolist() == [-1, -1]
    first = history.diverged_at[1]
    if kind == "step size 1e6":
        assert first > 0 or (first < 0 < history.stopped_at[1])  # unless stopped before
        assert np.isfinite(history.column("validation_cost")[1, : max(first, 0)]).all()
        cost = history.column("validation_cost")[1, 1]
        assert np.isnan(cost) or cost > 1e6
    else:
        assert first == 0
    if patience:  # the cost only rose from epoch 0 on, or was NaN
        assert history.stopped_at[1] == patience
    for r in (0, 2):
        assert history.curves[r].tobytes() == quiet.curves[r].tobytes()
        assert flat(params.replica(r)).tobytes() == flat(calm.replica(r)).tobytes()
        assert history.stopped_at[r] == quiet.stopped_at[r]


def test_a_step_size_beyond_float32_diverges_in_silence():
    net = network(dtype="float32")
    _, history = trained(net, starts(net, 2), [mlp.Replica(0, 1e39), mlp.Replica(1, 0.1)])
    assert history.diverged_at.tolist() == [1, -1]


@pytest.mark.parametrize("array", range(4))
def test_infinite_parameters_are_divergence_even_where_the_cost_is_finite(array):
    net, singles = network(hidden="sigmoid", output="sigmoid", cost="mse"), starts(network(), 2)
    list(singles[0].arrays())[array].flat[0] = np.inf  # a saturated unit hides it
    _, history = trained(net, singles, [mlp.Replica(0, 0.1)] * 2, epochs=0)
    assert np.isfinite(history.column("validation_cost")).all()
    assert history.diverged_at.tolist() == [0, -1]


def test_nan_outputs_are_wrong_answers():
    net, (broken,) = network(), starts(network(), 1)
    broken.weights[0][:] = np.nan
    _, history = trained(net, [broken], [mlp.Replica(0, 0.1)])
    for part in ("train", "validation", "test"):
        assert (history.column(f"{part}_accuracy") == 0).all()


# --- early stopping -------------------------------------------------------------------------


@pytest.mark.parametrize("update", mlp.UPDATES)
@pytest.mark.parametrize("penalty", mlp.PENALTIES)
def test_patience_stops_each_replica_by_its_own_validation_cost(update, penalty):
    """Stopped at the first epoch by which the cost has not fallen for 2 epochs, then left alone."""
    net = network(penalty=penalty)
    lambda_ = 0.01 if mlp.PENALTIES[penalty].active else 0.0
    replicas = [mlp.Replica(s, eta, "constant", lambda_) for s, eta in enumerate((9, 1e-3, 3, 0.5))]
    parts, options, kept = parts_for(net), {"epochs": 25, "update": update}, []
    parts["validation"] = parts["train"]  # on which a small step only ever improves
    _, whole = trained(net, starts(net, 4), replicas, parts, **options)
    params = mlp.Parameters.stack(starts(net, 4))
    history = mlp.train(
        net,
        params,
        parts,
        replicas,
        patience=2,
        batch_size=4,
        on_epoch=lambda *_: kept.append(params.copy()),
        **options,
    )
    assert history.stopped_at[1] == -1
    assert (history.stopped_at >= 3).any()
    for r, stop in enumerate(history.stopped_at):
        end = stop if stop >= 0 else 25
        assert history.curves[r, : end + 1].tobytes() == whole.curves[r, : end + 1].tobytes()
        assert np.isnan(history.curves[r, end + 1 :]).all()
        costs = history.column("validation_cost")[r, : end + 1]
        waited = [epoch - np.argmin(costs[: epoch + 1]) for epoch in range(end + 1)]
        assert (np.array(waited[:-1]) < 2).all()
        assert (waited[-1] >= 2) == (stop >= 0)
        final = flat(params.replica(r)).tobytes()
        assert final == flat(kept[end - 1].replica(r)).tobytes()


def test_training_ends_when_all_have_stopped():
    net, seen = network(), []
    _, history = trained(
        net,
        starts(net, 2),
        [mlp.Replica(0, 20.0), mlp.Replica(1, 20.0)],
        epochs=50,
        patience=1,
        on_epoch=lambda epoch, _: seen.append(epoch),
    )
    assert (history.stopped_at > 0).all()
    assert seen[-1] == history.stopped_at.max() < 50


def test_a_stopped_replica_that_diverged_keeps_its_parameters():
    """Its parameters are finite when it stops, its next errors are not; it must not matter."""
    net = network((5, 6, 2), "relu", output="identity", cost="mse", dtype="float32")
    replicas, options = (
        [mlp.Replica(0, 1e6), mlp.Replica(1, 1e-3)],
        {"epochs": 9, "batch_size": 5, "patience": 1},
    )
    parts, singles = parts_for(net), starts(net, 2, "large")
    parts["validation"] = parts["train"]
    alone, _ = trained(net, singles[:1], replicas[:1], parts, **options)
    params, history = trained(net, singles, replicas, parts, **options)
    assert history.stopped_at.tolist() == [1, -1]
    assert np.isfinite(flat(alone.replica(0))).all()
    assert flat(params.replica(0)).tobytes() == flat(alone.replica(0)).tobytes()


# --- convexity, symmetry --------------------------------------------------------------------


@given(
    pair=st.sampled_from([pair for pair in pairs(1, 2, 5) if pair[0] == "cross_entropy"]),
    seed=st.integers(0, 999),
    batches=st.integers(1, 4),
    share=st.floats(0.01, 1),
)
def test_the_loss_of_a_convex_case_never_rises(pair, seed, batches, share):
    """No hidden layer, CE, `update: epoch`, step size at most 1/L; slack 1e-14 for rounding."""
    cost, output, k = pair
    net, rng = mlp.Network((3, k), output=output, cost=cost), np.random.default_rng(seed)
    part = samples(rng, 5 * batches, 3, k)  # equal batches: the mean is the whole gradient
    lipschitz = np.linalg.norm(np.c_[part.X, np.ones(len(part))], 2) ** 2 / len(part) / 2
    params = net.initialize("large", rng, n_train=5)
    _, history = trained(
        net,
        [params],
        [mlp.Replica(seed, share / lipschitz)],
        {"train": part},
        epochs=20,
        batch_size=5,
        update="epoch",
    )
    costs = history.column("train_cost")[0]
    assert (np.diff(costs) <= 1e-14 * costs[0]).all()
    assert costs[-1] < costs[0]


@given(
    pair=st.sampled_from(pairs(3, 5)),
    hidden=st.sampled_from(HIDDEN),
    update=st.sampled_from(mlp.UPDATES),
    data=st.data(),
)
def test_permuting_the_classes_permutes_the_outputs(pair, hidden, update, data):
    """After 3 epochs; sums over the classes run in another order, so to 1e-9."""
    cost, output, k = pair
    net = network((5, 4, k), hidden, output=output, cost=cost)
    permuted = data.draw(st.permutations(range(k)))
    seed = data.draw(st.integers(0, 999))
    part = samples(np.random.default_rng(seed), 10, 5, k)
    params = net.initialize("fan_in", np.random.default_rng(seed), n_train=10)
    other = params.copy()
    other.weights[-1], other.biases[-1] = params.weights[-1][permuted], params.biases[-1][permuted]
    outputs = []
    for single, Y in ((params, part.Y), (other, part.Y[:, permuted])):
        parts = {"train": mlp.Part(part.X, Y, np.argmax(Y, axis=1))}
        stack, _ = trained(net, [single], [mlp.Replica(seed, 0.1)], parts, epochs=3, update=update)
        outputs.append(net.forward(stack.replica(0), part.X))
    np.testing.assert_allclose(outputs[0][:, permuted], outputs[1], rtol=1e-9, atol=1e-9)


# --- scikit-learn ---------------------------------------------------------------------------


def scikit_epoch(net, params, part, eta, batch_size, alpha):
    """Let scikit-learn take one epoch from the same parameters, in the order of the rows."""
    model = MLPClassifier(
        net.sizes[1:-1],
        activation=SKLEARN[net.hidden[0]],
        solver="sgd",
        momentum=0,
        nesterovs_momentum=False,
        alpha=alpha,
        batch_size=batch_size,
        learning_rate_init=eta,
        shuffle=False,
    )
    model.partial_fit(part.X, part.labels, classes=np.arange(max(net.sizes[-1], 2)))
    model.coefs_ = [w.T.copy() for w in params.weights]
    model.intercepts_ = [b.copy() for b in params.biases]
    model.partial_fit(part.X, part.labels)
    after = mlp.Parameters([w.T for w in model.coefs_], model.intercepts_)
    return flat(after), model


@pytest.mark.parametrize("hidden", [h for h in HIDDEN if h in SKLEARN])
@pytest.mark.parametrize("sizes", [(5, 7, 3), (5, 7, 4, 10), (5, 6, 1)])
@pytest.mark.parametrize("alpha", [0.0, 0.5])
class TestScikitLearn:
    """To 1e-10 of the largest number. scikit-learn uses one logistic unit for two classes, and
    divides alpha by the size of the batch, so that our λ is alpha over that size.
    """

    def case(self, hidden, sizes, alpha, batch_size):
        output = "sigmoid" if sizes[-1] == 1 else "softmax"
        options = {"penalty": "l2", "lambda_": alpha / batch_size} if alpha else {}
        net = network(sizes, hidden, output=output, **options)
        rng = np.random.default_rng(5)
        return net, net.initialize("fan_in", rng, n_train=24), samples(rng, 24, 5, sizes[-1])

    def test_one_gradient(self, hidden, sizes, alpha):
        net, params, part = self.case(hidden, sizes, alpha, 24)
        after, model = scikit_epoch(net, params, part, 1.0, 24, alpha)
        close(flat(net.gradient(params, part.X, part.Y)), flat(params) - after)
        assert net.cost(params, part.X, part.Y) == pytest.approx(model.loss_, rel=1e-10)
        close(net.forward(unflat(after, params), part.X)[:, -1], model.predict_proba(part.X)[:, -1])

    def test_one_epoch(self, hidden, sizes, alpha):
        batch_size = 8 if alpha else 7  # with alpha, batches of one size have one λ
        net, params, part = self.case(hidden, sizes, alpha, batch_size)
        after, _ = scikit_epoch(net, params, part, 0.3, batch_size, alpha)
        mine = descend(net, params, part, np.arange(24), 0.3, batch_size, "batch", net.lambda_)
        assert np.abs(after - flat(params)).max() > 1e-3
        close(mine, after)


def test_a_diverging_replica_stops_no_other_where_nothing_but_the_ends_is_recorded():
    net = network()
    first, second = starts(net, 2)
    first.weights[0][0, 0] = np.nan
    parts = parts_for(net, others=())
    _, history = trained(
        net, [first, second], [mlp.Replica(0, 0.1)] * 2, parts, epochs=3, exact_train=False
    )
    assert history.diverged_at.tolist() == [0, -1]


@pytest.mark.parametrize("hidden", HIDDEN)
def test_all_that_is_not_a_number_is_recorded_as_the_same_bits(hidden):
    net = network((64, 30, 10), hidden, output="sigmoid", cost="mse")
    replicas = [mlp.Replica(seed, 1e300) for seed in range(7)]
    _, history = trained(net, starts(net, 7, "large"), replicas, parts_for(net, rows=30))
    nan = history.curves[np.isnan(history.curves)]
    assert np.unique(nan.view(np.uint64)).tolist() == [np.array(np.nan).view(np.uint64)]


@pytest.mark.parametrize("sizes", [(5, 6, 3), (120, 4, 3)], ids=str)
def test_samples_may_lie_in_any_order_and_type(sizes):
    net = network(sizes)
    (first,) = starts(net, 1)
    part = parts_for(net)["train"]
    others = [
        mlp.Part(np.asfortranarray(part.X), np.asfortranarray(part.Y), part.labels),
        mlp.Part(np.repeat(part.X, 2, axis=0)[::2], part.Y, part.labels),
        mlp.Part(part.X, part.Y.astype(int), part.labels),
    ]
    found = []
    for data in (part, *others):
        stack = mlp.Parameters.stack([first])
        descent = mlp.Descent(net, stack, data, 4)
        assert descent.X.flags.c_contiguous
        assert descent.Y.flags.c_contiguous
        descent.epoch(np.arange(10)[None], np.array([0.5]))
        found.append(flat(stack.replica(0)).tobytes())
    assert len(set(found)) == 1


def test_without_a_strength_of_its_own_a_descent_takes_the_networks():
    net = network(penalty="l2", lambda_=0.25)
    stack = mlp.Parameters.stack(starts(net, 2))
    part = parts_for(net)["train"]
    assert mlp.Descent(net, stack, part, 4).lambda_.tolist() == [0.25, 0.25]
    assert mlp.Descent(net, stack, part, 4, lambda_=0.0).lambda_.tolist() == [0.0, 0.0]


X, Y, LABELS = np.ones((6, 5)), np.eye(3)[[0, 1, 2, 0, 1, 2]], np.array([0, 1, 2, 0, 1, 2])


WHOLE = {"train": mlp.Part(X, Y, LABELS)}


def at(array, value):
    """Return a copy with one other number."""
    array = array.copy()
    array[4, 2] = value
    return array


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ((X, Y[:5]), r"found X \(6, 5\), Y \(5, 3\)"),
        ((X, None), r"found X \(6, 5\), Y \(\)"),
        ((X.astype(str), Y), "X of a part holds numbers, found values of type <U"),
        ((X, LABELS), r"found X \(6, 5\), Y \(6,\)"),
        ((X, Y, LABELS[:5]), r"each of its 6 samples, found labels \(5,\)"),
    ],
)
def test_parts_that_do_not_go_together_are_refused(part, says):
    with pytest.raises(ValueError, match=says):
        mlp.Part(*part)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"parts": {"train": mlp.Part(X[:0], Y[:0])}}, "the train part holds no sample"),
        ({"parts": {"test": mlp.Part(X, Y)}}, "there is no part 'train', found test"),
        ({"parts": {"train": mlp.Part(X[:, :4], Y)}}, "samples of 4 numbers .* a network 5-6-3"),
        ({"parts": {"train": mlp.Part(X, Y[:, :2])}}, "targets of 2, which a network 5-6-3"),
        ({"parts": {"train": mlp.Part(X, Y, LABELS + 1)}}, "go from 1 to 3; .* knows 0 to 2"),
        ({"replicas": [mlp.Replica(0, np.nan)] * 2}, "one finite step size, found nan"),
        ({"replicas": [mlp.Replica(0, -1)] * 2}, "one finite step size, found -1"),
        ({"replicas": [mlp.Replica(0, [0.1, 0.2])] * 2}, r"one finite step size, found \[0.1"),
        ({"patience": 0}, "patience is a whole number of epochs from 1 on, found 0"),
        ({"epochs": -1}, "epochs are a whole number from 0 on, found -1"),
        ({"epochs": 2.0}, "epochs are a whole number from 0 on, found 2.0"),
        ({"batch_size": 2.5}, "at least one sample, found 2.5"),
        ({"batch_size": "5"}, "at least one sample, found '5'"),
        ({"replicas": [mlp.Replica(0, 0.1)]}, "1 replicas for a stack of 2"),
        ({"batches": []}, "there is no mini-batch"),
        ({"batches": [slice(3, 3)]}, r"a slice with a sample or more of 6, found slice\(3, 3"),
        ({"batches": [slice(0, 7)]}, "a sample or more of 6"),
        ({"batches": [slice(-5, -1)]}, "a sample or more of 6"),
        ({"batches": [slice(None)]}, "a sample or more of 6"),
        ({"batches": [slice(0, 6, 2)]}, "a sample or more of 6"),
        ({"parts": mlp.Part(X, Y, LABELS)}, r"found a Part: write \{\"train\": part\}"),
        ({"parts": [mlp.Part(X, Y, LABELS)]}, "a dictionary of parts by name, found a Part"),
        ({"parts": {"train": (X, Y)}}, r"the train part is of type tuple: write Part\(X, Y"),
        ({"parts": WHOLE | {"val": mlp.Part(X, Y, LABELS)}}, r"'val' \(did you mean 'validation'"),
        ({"parts": {"train": mlp.Part(X, Y)}}, r"train part .* no labels, .*Y\.argmax\(axis=1\)"),
        ({"parts": WHOLE | {"test": mlp.Part(X, Y)}}, "the test part .* no labels"),
        (
            {"parts": {"train": mlp.Part(X, Y, LABELS[::-1])}},
            r"row 0 .* \[1.0, 0.0, 0.0\] .* label 2",
        ),
        ({"parts": WHOLE | {"validation": mlp.Part(X, Y, 0 * LABELS)}}, "validation part .* row 1"),
        (
            {"parts": {"train": mlp.Part(at(X, np.nan), Y, LABELS)}},
            "train part holds nan in row 4, c",
        ),
        ({"parts": {"train": mlp.Part(at(X, 1e39), Y, LABELS)}}, "holds inf in row 4, column 2"),
        (
            {"parts": WHOLE | {"test": mlp.Part(at(X, -np.inf), Y, LABELS)}},
            "X of the test part holds",
        ),
        ({"parts": {"train": mlp.Part(X, at(Y, np.nan), LABELS)}}, "Y of the train part holds nan"),
        ({"replicas": mlp.Replica(0, 0.1)}, r"found Replica\(.*: write \[Replica\(seed, eta\)\]"),
        ({"replicas": [0.1, 0.1]}, r"found \[0.1, 0.1\]: write \[Replica\(seed, eta\)\]"),
        ({"batches": 4}, "batches is a list of slices, found 4"),
        ({"batches": [4]}, "a mini-batch is a slice of the order, found 4"),
        ({"replicas": [mlp.Replica(0, 0.1, lambda_=np.nan)] * 2}, "lambda_ is one finite .* nan"),
        ({"replicas": [mlp.Replica(0.5, 0.1)] * 2}, "seed is a whole number from 0 on, found 0.5"),
        ({"replicas": [mlp.Replica(-1, 0.1)] * 2}, "seed is a whole number from 0 on, found -1"),
        ({"epochs": True}, "epochs are a whole number from 0 on, found True"),
        ({"record_every": 0}, 'whole number of epochs from 1 on, or "doubling", found 0'),
        ({"record_every": "halving"}, "or \"doubling\", found 'halving'"),
        (
            {"record_every": 2, "patience": 1, "parts": WHOLE | {"validation": WHOLE["train"]}},
            "watches every epoch: it needs record_every=1",
        ),
        ({"tolerance": -1e-4}, "tolerance is a finite number from 0 on, found -0.0001"),
        ({"watch": "test"}, "watch is one of validation, train, found 'test'"),
        ({"watch": "train", "patience": 1, "exact_train": False}, "needs exact_train=True"),
        ({"tolerance": None}, "tolerance is a finite number from 0 on, found None"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_a_sentence(change, says):
    net = network(dtype="float32")
    call = {"parts": {"train": mlp.Part(X, Y, LABELS)}, "replicas": [mlp.Replica(0, 0.1)] * 2}
    call |= {"epochs": 1, "batch_size": 2} | change
    with pytest.raises(ValueError, match=says):
        mlp.train(net, mlp.Parameters.stack(starts(net, 2)), **call)


def test_several_labels_in_one_part_and_class_numbers_in_another_are_refused():
    """The accuracy of the one is not that of the other."""
    net = network(output="sigmoid")
    several, single = mlp.Part(X, Y, Y == 1), mlp.Part(X, Y, LABELS)
    for parts in ({"train": several, "validation": single}, {"train": single, "test": several}):
        with pytest.raises(ValueError, match=r"of one kind, found several labels \((train|test)\)"):
            trained(net, starts(net, 1), [mlp.Replica(0, 0.1)], parts)


@pytest.mark.parametrize("k", [1, 3])
def test_targets_of_a_class_may_be_shares(k):
    """The largest share is that of the label; a tie contradicts nothing."""
    net = mlp.Network((5, k), output="sigmoid")
    soft = np.array([[0.1], [0.9]]) if k == 1 else np.array([[0.5, 0.5, 0.0], [0.2, 0.7, 0.1]])
    parts = {"train": mlp.Part(X[:2], soft, [0, 1])}
    trained(net, starts(net, 1), [mlp.Replica(0, 0.1)], parts)
    parts = {"train": mlp.Part(X[:2], soft)}  # no class: R² is what can be measured
    trained(net, starts(net, 1), [mlp.Replica(0, 0.1)], parts)


def several(net, rows, seed=0):
    """Return a part of which each sample has some of K labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, (rows, net.sizes[-1])).astype(bool)
    return mlp.Part(rng.standard_normal((rows, net.sizes[0])), labels.astype(net.dtype), labels)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_accuracy_of_several_labels_is_the_subset_accuracy(dtype):
    """In a stack on two folds as alone; the truth is counted from the outputs."""
    net = network(output="sigmoid", dtype=dtype)
    folds = [{"train": several(net, 150, s), "test": several(net, 40, s + 9)} for s in (0, 1)]
    replicas = [mlp.Replica(seed, 1.0, fold=seed % 2) for seed in range(3)]
    stack, history = trained(net, starts(net, 3), replicas, folds, epochs=20)
    for r, replica in enumerate(replicas):
        for name, part in folds[replica.fold].items():
            right = (net.forward(stack.replica(r), part.X) > 0.5) == part.labels
            assert 0 < right.all(axis=1).mean() < 1
            assert history.column(f"{name}_accuracy")[r, -1] == right.all(axis=1).mean()
        alone = [mlp.Replica(r, 1.0)]
        mine, _ = trained(net, starts(net, 3)[r : r + 1], alone, folds[replica.fold], epochs=20)
        np.testing.assert_array_equal(flat(mine.replica(0)), flat(stack.replica(r)))


def test_several_labels_that_cannot_be_are_refused():
    net = network(output="sigmoid")
    part = several(net, 6)
    wrong = mlp.Part(part.X, part.Y, ~part.labels)
    mixed = [{"train": part}, {"train": mlp.Part(part.X, np.eye(3)[LABELS], LABELS)}]
    smoothed = network(output="sigmoid", label_smoothing=0.1)
    for each, parts, says in (
        (net, {"train": wrong}, r"contradict each other: in row 0 .* the label \[(True|False), "),
        (network(), {"train": part}, "several labels .* softmax gives one class: use the output s"),
        (smoothed, {"train": part}, "several labels .* label_smoothing needs one class: leave it"),
        (net, mixed, "the parts of all folds have one shape"),
    ):
        with pytest.raises(ValueError, match=says):
            trained(each, starts(each, 1), [mlp.Replica(0, 0.1)], parts)


def test_an_output_that_is_not_finite_has_no_label_right():
    a = np.array([[0.9, np.nan], [0.9, 0.1]])
    assert mlp.accuracy(a, np.array([[True, False], [True, False]])) == 0.5


def test_class_numbers_may_be_a_list_or_truth_values():
    a = np.array([[0.9, 0.1], [0.8, 0.2]])
    assert mlp.accuracy(a, [0, 1]) == mlp.accuracy(a, np.array([False, True])) == 0.5


def test_real_values_that_happen_to_be_one_hot_are_regression():
    net = network(output="identity", cost="mse")
    trained(net, starts(net, 1), [mlp.Replica(0, 0.1)], {"train": mlp.Part(X, Y)})


def test_the_history_holds_the_trained_stack():
    """Whoever makes the stack in the call finds it there; the first parameters are kept."""
    net, (first,) = network(), starts(network(), 1)
    before = flat(first)
    params, history = trained(net, [first], [mlp.Replica(0, 0.1)])
    assert history.params is params
    np.testing.assert_array_equal(flat(first), before)
    assert (flat(params.replica(0)) != before).all()


@pytest.mark.parametrize("type_", ["int8", "uint8", "int16", "uint64", "Int8"])
def test_class_numbers_of_every_integer_type(type_):
    labels = pd.array(LABELS, dtype=type_) if type_ == "Int8" else LABELS.astype(type_)
    net, found = network(), []
    for each in (LABELS, labels, pd.Series(labels)):
        part = mlp.Part(X, Y, each)
        assert part.labels.dtype == np.intp
        _, history = trained(net, starts(net, 1), [mlp.Replica(0, 0.1)], {"train": part})
        found.append(history.curves.tobytes())
    assert len(set(found)) == 1


def test_small_integer_types_do_not_overflow():
    net = network()
    parts = parts_for(net, rows=150)
    options = {"epochs": 127, "batch_size": 100, "patience": 100}
    small = {name: np.int8(value) for name, value in options.items()}
    run = [
        trained(net, starts(net, 1), [mlp.Replica(3, 0.1)], parts, **o) for o in (options, small)
    ]
    assert run[0][1].curves.tobytes() == run[1][1].curves.tobytes()


def test_nan_has_one_form_in_the_parameters_too():
    net = network(output="identity", cost="mse", hidden="relu")
    replicas = [mlp.Replica(0, 1e6), mlp.Replica(1, 0.01)]
    params, history = trained(net, starts(net, 2), replicas, epochs=30)
    assert history.diverged_at[0] > 0
    numbers = flat(params.replica(0))
    lost = numbers[np.isnan(numbers)]
    assert len(lost)
    assert set(lost.view("u8").tolist()) == {int(np.array(np.nan).view("u8"))}


@given(
    costs=st.lists(st.sampled_from([0.5, 0.9, 0.95, 1.0, 1.05, 1.5, 2.0]), min_size=2, max_size=15),
    tolerance=st.sampled_from([1e-4, 0.03, 0.2, 0.99]),
    patience=st.integers(1, 5),
)
def test_patience_and_tolerance_are_scikit_learns(costs, tolerance, patience):
    """scikit-learn counts the epochs since the loss last fell by the tolerance below the best.

    It stops when more than `n_iter_no_change` have been counted, this package when so many have.
    """
    model = MLPClassifier(tol=tolerance, n_iter_no_change=patience)
    model.loss_curve_, model.best_loss_, model._no_improvement_count = [], np.inf, 0
    for epoch, cost in enumerate(costs):
        model.loss_curve_.append(cost)
        model._update_no_improvement_count(False, None, None, None)
        stops = selection.out_of_patience(np.array(costs[: epoch + 1])[None], patience, tolerance)
        assert stops.tolist() == [model._no_improvement_count >= patience]


def test_a_tolerance_stops_training_earlier():
    net, parts, stops = network(), parts_for(network()), []
    parts["validation"] = parts["train"]  # on which a small step only ever improves
    for tolerance in (0.0, 1e-3):
        _, history = trained(net, starts(net, 1), [mlp.Replica(0, 0.05)], parts, epochs=300,
                             patience=5, tolerance=tolerance)  # fmt: skip
        stops.append(int(history.stopped_at[0]))
    assert stops[0] == -1
    assert 5 < stops[1] < 300


def test_the_training_cost_may_be_watched_in_place_of_the_validation_cost():
    """It stops where watching a validation part of the same samples stops, with the same bits."""
    net, parts = network(), parts_for(network())
    options = {"epochs": 300, "patience": 5, "tolerance": 1e-3}
    replicas = [mlp.Replica(seed, 0.05) for seed in range(3)]
    twice = parts | {"validation": parts["train"]}
    stack, history = trained(net, starts(net, 3), replicas, twice, **options)
    mine, watched = trained(net, starts(net, 3), replicas, parts, watch="train", **options)
    assert watched.stopped_at.tolist() == history.stopped_at.tolist()
    assert len({*watched.stopped_at.tolist()}) > 1
    np.testing.assert_array_equal(flat(mine), flat(stack))


def test_class_numbers_are_numbers_and_lists_become_arrays():
    with pytest.raises(ValueError, match=r"found labels \(6,\) of type <U1"):
        mlp.Part(X, Y, list("abcabc"))
    part = mlp.Part(X.tolist(), Y.tolist(), LABELS.tolist())
    assert part.X.shape == (6, 5)
    assert part.labels.dtype.kind == "i"


def test_parameters_of_another_network_are_refused():
    net, part = network(), mlp.Part(X, Y)
    (single,) = starts(net, 1)
    with pytest.raises(ValueError, match="a stack of networks, found list"):
        mlp.Descent(net, [single], part, 2)
    with pytest.raises(ValueError, match=r"one network, .* Parameters\.stack\(\[params\]\)"):
        mlp.Descent(net, single, part, 2)
    other = mlp.Parameters.stack(starts(network((5, 4, 3)), 1))
    with pytest.raises(ValueError, match=r"a network 5-4-3 in float64, .* a network 5-6-3"):
        mlp.Descent(net, other, part, 2)
    with pytest.raises(ValueError, match=r"5-6-3 in float64, .* 5-6-3 in float32"):
        mlp.Descent(network(dtype="float32"), mlp.Parameters.stack([single]), part, 2)


@pytest.mark.parametrize(
    ("order", "eta", "says"),
    [
        (np.arange(6)[None] + 5, 0.1, "from 0 to 5, found 5 to 10"),
        (np.arange(6)[None] - 1, 0.1, "from 0 to 5, found -1 to 4"),
        (np.arange(6), 0.1, "order is of 1 x 6 row numbers"),
        (np.arange(5)[None], 0.1, "order is of 1 x 6 row numbers"),
        (np.arange(6)[None], [0.1, 0.2], "eta is one step size or 1 of them"),
    ],
)
def test_orders_and_step_sizes_that_do_not_fit_are_refused(order, eta, says):
    net = network()
    descent = mlp.Descent(net, mlp.Parameters.stack(starts(net, 1)), mlp.Part(X, Y), 2)
    with pytest.raises(ValueError, match=says):
        descent.epoch(order, eta)
