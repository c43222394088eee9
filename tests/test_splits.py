"""How datasets are split: folds, groups and shares, by their properties and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from experiments.base import ConfigError, UserError, store
from experiments.datasets import Data, Shape, prepare
from experiments.datasets.baselines import scores
from experiments.plan import expand, make_plan
from experiments.results import Results, each_model
from experiments.schema import validate
from experiments.statistics import sensitivity, t_interval
from experiments.training import USUAL, overlap, part_sizes, rows_of_parts, split_of
from experiments.training.dealing import Grouped, KFold, StratifiedShuffle
from tests.sweeps import TINY, Sweep, write_config

numbers = st.integers(0, 2**32 - 1)


def folds_of(kind, partition, n, labels=None, groups=None):
    """Return the test fold and the validation fold of each row over a whole cross-validation."""
    test, validation = np.full(n, -1), np.full(n, -1)
    for fold in range(kind.folds):
        rows = kind.rows(n, kind.folds * partition + fold, labels, groups)
        assert (test[rows["test"]] == -1).all()
        assert (validation[rows["validation"]] == -1).all()
        test[rows["test"]], validation[rows["validation"]] = fold, fold
        assert sorted(np.concatenate([*rows.values()])) == list(range(n))
    assert (test >= 0).all()
    assert (validation >= 0).all()
    return test, validation


@st.composite
def labelled(draw, least=3):
    """Return a number of folds and class numbers, each class with a row for each fold."""
    folds = draw(st.integers(3, 7))
    members = draw(st.lists(st.integers(max(folds, least), 25), min_size=1, max_size=4))
    labels = np.repeat(np.arange(len(members)), members)
    return folds, draw(st.permutations(labels.tolist()).map(np.array))


# --- k folds ------------------------------------------------------------------------------------


@given(labelled(), st.integers(0, 10**6), st.booleans())
def test_each_sample_is_tested_once_in_a_cross_validation(drawn, partition, stratified):
    folds, labels = drawn
    kind, n = KFold(folds), len(labels)
    test, validation = folds_of(kind, partition, n, labels if stratified else None)
    np.testing.assert_array_equal(validation, (test - 1) % folds)
    sizes = np.bincount(test)
    assert sizes.max() - sizes.min() <= 1
    assert sizes.min() == kind.sizes(n)["test"] == kind.sizes(n)["validation"]
    train = n - sizes - np.roll(sizes, -1)
    assert train.min() == kind.sizes(n)["train"]


@given(labelled(), numbers)
def test_the_folds_have_the_shares_of_scikit_learn(drawn, partition):
    folds, labels = drawn
    test, _ = folds_of(KFold(folds), partition, len(labels), labels)
    theirs = np.empty(len(labels), int)
    for fold, (_, rows) in enumerate(StratifiedKFold(folds).split(labels, labels)):
        theirs[rows] = fold
    for k in range(labels.max() + 1):
        mine, other = (np.bincount(some[labels == k], minlength=folds) for some in (test, theirs))
        assert sorted(mine) == sorted(other)


def test_more_seeds_than_folds_are_new_partitions():
    first, again, second = (folds_of(KFold(5), p, 100)[0] for p in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert 10 < (first == second).sum() < 40  # a fifth is met by chance


# --- groups -------------------------------------------------------------------------------------


@st.composite
def grouped(draw):
    """Return a number of folds, labels and groups, as many as there are folds at least."""
    folds = draw(st.integers(3, 6))
    sizes = draw(st.lists(st.integers(1, 30), min_size=folds, max_size=20))
    groups = np.repeat(draw(st.permutations(range(7, 7 + len(sizes)))), sizes)
    labels = np.array(draw(st.lists(st.integers(0, 3), min_size=len(groups), max_size=len(groups))))
    order = np.random.default_rng(0).permutation(len(groups))
    return folds, labels, groups[order]


@settings(max_examples=60)
@given(grouped(), numbers, st.booleans())
def test_a_group_is_in_one_part_and_no_part_is_empty(drawn, partition, classes):
    folds, labels, groups = drawn
    test, _ = folds_of(Grouped(folds), partition, len(groups), labels if classes else None, groups)
    assert len(np.unique(test)) == folds
    for group in np.unique(groups):
        assert len(np.unique(test[groups == group])) == 1


def spread(test, labels, folds):
    """Return how much the folds differ: in the shares of the classes, and in size."""
    counts = np.zeros((folds, labels.max() + 1))
    np.add.at(counts, (test, labels), 1)
    return (counts / counts.sum(axis=0)).std(), counts.sum(axis=1).std() / counts.sum()


@pytest.mark.parametrize("count", [12, 40, 150])
def test_folds_of_groups_are_as_balanced_as_those_of_scikit_learn(count):
    rng = np.random.default_rng(count)
    groups = np.repeat(np.arange(count), rng.integers(2, 30, count))
    shares = rng.dirichlet(np.ones(3), count)
    labels = np.array([rng.choice(3, p=shares[group]) for group in groups])
    mine, theirs = [], []
    for seed in range(8):
        test, _ = folds_of(Grouped(5), seed, len(groups), labels, groups)
        mine.append(spread(test, labels, 5))
        cut = StratifiedGroupKFold(5, shuffle=True, random_state=seed)
        for fold, (_, rows) in enumerate(cut.split(labels, labels, groups)):
            test[rows] = fold
        theirs.append(spread(test, labels, 5))
    assert (np.mean(mine, axis=0) < 1.25 * np.mean(theirs, axis=0)).all()


def test_partitions_of_groups_differ():
    groups = np.repeat(np.arange(20), 5)
    found = {frozenset(Grouped(5).rows(100, 5 * p, None, groups)["test"]) for p in range(20)}
    assert len(found) > 15


@pytest.mark.parametrize(("groups", "folds"), [(5, 5), (6, 4), (30, 3)])
def test_there_are_no_more_test_parts_than_said(groups, folds):
    of_rows = np.repeat(np.arange(groups), 1 + np.arange(groups) % 4)
    kind, n = Grouped(folds), len(of_rows)
    found = {frozenset(kind.rows(n, s, None, of_rows)["test"]) for s in range(200)}
    assert folds <= len(found) <= kind.test_parts(n, groups)
    assert Grouped(5).test_parts(100, 5) == 5
    assert Grouped(5).test_parts(100, 1000) > 1000


# --- shares -------------------------------------------------------------------------------------


@given(
    st.lists(st.integers(5, 40), min_size=1, max_size=4),
    st.floats(0.05, 0.44),
    st.floats(0.05, 0.44),
    numbers,
)
def test_other_shares_are_kept_in_each_class(members, test, validation, seed):
    labels = np.repeat(np.arange(len(members)), members)
    kind, n = StratifiedShuffle(test, validation), len(labels)
    rows = kind.rows(n, seed, labels)
    assert sorted(np.concatenate([*rows.values()])) == list(range(n))
    assert {name: len(part) for name, part in rows.items()} == kind.sizes(n)
    for name, part in rows.items():
        expected = np.array(members) * kind.sizes(n)[name] / n
        assert (abs(np.bincount(labels[part], minlength=len(members)) - expected) <= 2).all()


def test_the_usual_split_is_that_of_earlier_versions():
    y = np.repeat([0, 1, 2], [20, 9, 14])
    data = {"X": np.empty((43, 1)), "y": y}
    rows = rows_of_parts(data, 3, 5, 0.5)
    assert rows["train"].tolist() == [0, 4, 5, 13, 14, 15, 23, 24, 27, 29, 34, 41]
    assert rows["validation"].tolist() == [1, 6, 7, 16, 20, 22, 31, 33, 40]
    assert rows["test"].tolist() == [2, 9, 17, 19, 21, 25, 30, 36, 38]
    rows = rows_of_parts({"X": np.empty((31, 1)), "y": np.empty((31, 1))}, 0, 7)
    assert rows["validation"].tolist() == [5, 7, 9, 13, 14, 25]
    assert rows["test"].tolist() == [3, 11, 16, 18, 26, 30]


# --- What a dataset is --------------------------------------------------------------------------

FOLDS = {"kind": "k_fold", "folds": 10}
TABLE = "a,b,who,kind\n" + "".join(
    f"{i * i % 17}.5,{i % 7}.25,p{i % 9},{'xy'[i % 2]}\n" for i in range(60)
)


def iris(split):
    return Data("mine", "iris", {}, True, split)


def test_the_key_of_a_dataset_changes_with_its_split_only():
    usual = Data("mine", "iris", {}, True)
    assert usual.key == iris(split_of({"kind": "stratified_shuffle", "test": 0.2}).setting).key
    assert usual.to_json() == '{"options":{},"source":"iris"}'
    splits = [{}, FOLDS, FOLDS | {"folds": 5}, {"kind": "grouped", "folds": 10},
              {"kind": "stratified_shuffle", "test": 0.3, "validation": 0.2}]  # fmt: skip
    assert len({iris(split).key for split in splits}) == len(splits)
    for split in splits:
        assert Data.from_json(iris(split).to_json()).key == iris(split).key


def with_split(split, options=None):
    """Return a config of one small study, on iris with a split, or on a table with options."""
    source = {"source": "table", "options": options} if options else {"source": "iris"}
    study = TINY["studies"]["activations"] | {"datasets": ["mine"]}
    return TINY | {"datasets": {"mine": source | {"split": split}}, "studies": {"s": study}}


def test_the_runs_of_a_dataset_have_other_ids_on_other_splits():
    usual, same, other = (
        set(expand("x", validate(with_split(split))).runs)
        for split in ({}, {"kind": "stratified_shuffle"}, FOLDS)
    )
    assert usual == same == set(expand("x", validate(TINY)).runs)
    assert not usual & other


def test_the_stored_data_say_how_they_are_split(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(TABLE)
    options = {"path": str(path), "label": "kind", "group": "who"}
    data = Data("mine", "table", options, True, {"kind": "grouped", "folds": 4})
    assert data.shape == Shape(60, 2, 2, groups=9, split=Grouped(4))
    assert data.notes[1:] == ["9 groups (who)", Grouped(4).words]
    prepare(data, tmp_path / "mine.bin", data.key)
    arrays = store.read(tmp_path / "mine.bin")[1]
    assert arrays["X"].shape == (60, 2)  # the column of the groups is no feature
    for seed in range(8):
        parts = rows_of_parts(arrays, 2, seed)
        groups = [set((np.arange(60) % 9)[rows]) for rows in parts.values()]
        assert set.union(*groups) == set(range(9))
        assert sum(map(len, groups)) == 9
    prepare(Data("mine", "iris", {}, True), tmp_path / "iris.bin")
    assert "split" not in store.read(tmp_path / "iris.bin")[1]


def test_a_row_without_a_group_is_refused(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(TABLE.replace("p3", "", 1))
    data = Data("mine", "table", {"path": str(path), "label": "kind", "group": "who"}, True)
    with pytest.raises(UserError, match="column 'who' has no value in row 4; each row needs a gro"):
        _ = data.shape


# --- What is refused ----------------------------------------------------------------------------

REFUSED = {
    "no kind": ({"folds": 5}, "a split has the key 'kind', one of .*k_fold"),
    "no mapping": ("k_fold", "expected a mapping such as .*found 'k_fold'"),
    "other kind": ({"kind": "kfold"}, "unknown kind of split 'kfold' .did you mean 'k_fold'"),
    "kind of a kind": ({"kind": ["k_fold"]}, "unknown kind of split"),
    "other key": (FOLDS | {"fold": 3}, "unknown key of k_fold 'fold' .did you mean 'folds'"),
    "key of another": (FOLDS | {"test": 0.3}, "unknown key of k_fold 'test'"),
    "two folds": ({"kind": "k_fold", "folds": 2}, "folds must be a whole number of at least 3"),
    "half folds": ({"kind": "k_fold", "folds": 5.0}, "folds must be a whole number"),
    "yes folds": ({"kind": "grouped", "folds": True}, "folds must be a whole number"),
    "nothing to train on": (
        {"kind": "stratified_shuffle", "test": 0.5, "validation": 0.4}, ".* sum must be below 0.9",
    ),
    "no test": ({"kind": "stratified_shuffle", "test": 0}, "test must be a share"),
    "text": ({"kind": "stratified_shuffle", "validation": "0.1"}, "validation must be a share"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_split_that_cannot_be_is_refused(case):
    split, problem = REFUSED[case]
    with pytest.raises(ConfigError, match=rf"^datasets\.mine\.split: {problem}") as refused:
        validate(with_split(split))
    assert str(refused.value).count("found") <= 1


PARTS = ["train"] * 30 + ["validation"] * 15 + ["test"] * 15
GROUPS = {"kind": "grouped", "folds": 10}
IMPOSSIBLE = {
    "more folds than members": (FOLDS | {"folds": 31}, {}, "class has 30 samples; take 30"),
    "more folds than groups": (GROUPS, {"group": "who"}, "10 folds, but there are 9 groups; take"),
    "groups are not named": (GROUPS, {}, "needs the group of each sample"),
    "groups are cut": (FOLDS, {"group": "who"}, "9 groups, whose samples the split k_fold would"),
    "groups without a split": ({}, {"group": "who"}, "whose samples the split stratified_shuffle"),
    "its own test part": (FOLDS, {"split": "part"}, "a test part of their own, so the split k_fo"),
    "groups and a test part": ({}, {"split": "part", "group": "who"}, "so groups would change not"),
    "an empty part": ({"kind": "stratified_shuffle", "test": 0.005}, {}, "train 48, val.* test 0;"),
    "real values": (FOLDS | {"folds": 61}, {"label": "a", "task": "regression"}, "are 60 samples"),
    "a class in one group": (GROUPS | {"folds": 3}, {"group": "b", "label": "b2"}, "no row of the"),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_a_split_that_the_data_cannot_have_is_refused(case, tmp_path):
    split, options, problem = IMPOSSIBLE[case]
    head, *lines = TABLE.splitlines()
    rows = [
        f"{line},{part},{line.split(',')[1] < '1'}" for line, part in zip(lines, PARTS, strict=True)
    ]
    path = tmp_path / "mine.csv"
    path.write_text("\n".join([f"{head},part,b2", *rows]) + "\n")
    free = {"who", "part", "b2"} - {*options.values()}
    used = {"path": str(path), "label": "kind", "drop": sorted(free)} | options
    with pytest.raises(ConfigError, match=problem) as refused:
        make_plan(write_config(tmp_path, with_split(split, used)))
    assert "datasets.mine.split" in str(refused.value)


def test_two_splits_of_the_same_data_in_one_study_are_refused():
    content = with_split(FOLDS)
    content["studies"]["s"]["datasets"] = ["iris", "mine"]
    with pytest.raises(ConfigError, match="'mine' is the same data as 'iris', so it would count"):
        validate(content)


def test_real_values_are_split_without_strata(tmp_path):
    rng = np.random.default_rng(0)
    data = {"X": rng.random((23, 2)), "y": rng.random((23, 1)), "split": '{"kind":"k_fold"}'}
    tested = [rows_of_parts(data, 0, seed)["test"] for seed in range(5)]
    assert sorted(np.concatenate(tested)) == list(range(23))


# --- What follows -------------------------------------------------------------------------------


def test_the_overlap_of_folds_is_that_of_a_repeated_cross_validation():
    """Bouckaert and Frank (2004): n_test/n_train of the runs, here without the validation fold."""
    assert overlap(Shape(150, 4, 3, split=KFold(10))) == 1 / 8
    assert overlap(Shape(151, 4, 3, groups=9, split=Grouped(3))) == 1
    assert overlap(Shape(150, 4, 3)) == 30 / 90
    assert overlap(Shape(150, 4, 3, train=100, validation=25)) == 25 / 100
    assert part_sizes(Shape(150, 4, 3, split=StratifiedShuffle(0.3, 0.1))) == {
        "train": 90, "validation": 15, "test": 45,
    }  # fmt: skip
    assert Shape(150, 4, 3).split == USUAL


def test_baselines_have_the_folds_of_the_sweep():
    rng = np.random.default_rng(0)
    y = np.arange(40) % 2
    data = {"X": rng.random((40, 2)), "y": y, "split": '{"folds":4,"kind":"k_fold"}'}
    found = scores(data, 2, {"majority": 4})["majority"]
    assert found == [50.0] * 4
    assert len(rows_of_parts(data, 2, 0)["test"]) == 10


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    """Return a sweep over folds of unequal size and over groups, with splits per seed."""
    folder = tmp_path_factory.mktemp("splits")
    (folder / "mine.csv").write_text(TABLE)
    table = {"path": str(folder / "mine.csv"), "label": "kind", "group": "who"}
    content = {
        "seeds": 6,
        "confirm": {"splits": 4, "seeds": 2},
        "datasets": {
            "folds": {"source": "wine", "split": {"kind": "k_fold", "folds": 7}},
            "groups": {"source": "table", "options": table, "split": {"kind": "grouped"}},
        },
        "studies": {
            "acts": {
                "datasets": ["folds", "groups"],
                "base": {"layers": [4], "epochs": 3, "split": "per_seed"},
                "grid": {"hidden": ["relu", "tanh"], "eta": [0.1, 1.0]},
                "compare": "hidden",
                "tune": "eta",
            }
        },
    }
    return Sweep(folder, content, "splits").finish()


def test_a_network_on_a_fold_is_had_back_as_it_was_recorded(sweep):
    results = Results(sweep.results, sweep.plan.config)
    runs = results.runs.query("status == 'ok'")
    assert set(runs["stage"]) == {"tune", "confirm"}
    for _, some in runs.groupby(["stage", "dataset"]):
        row = some.iloc[-1]
        key = sweep.plan.data[row["dataset"]].key
        (found,) = each_model(sweep.results, [row["run_id"]], sweep.data)
        assert found.confusion().sum() == len(found.parts["test"])
        assert found.spec["data"] == key


def test_each_dataset_has_the_overlap_of_its_own_splits(sweep):
    results = Results(sweep.results, sweep.plan.config)
    laps = {"folds": 1 / 5, "groups": 1 / 3}
    assert results.overlaps(["folds", "groups"]) == laps
    assert results.samples("folds") == {"train": 126, "validation": 25, "test": 25}
    (comparison,) = results.comparisons
    assert results.interval(comparison, "folds")["overlap"] is None  # the runs that confirm
    assert results.interval(comparison, "groups", tuning=True)["overlap"] == laps["groups"]
    cells = results.cells(comparison).query("arm == 'tanh' and tuned == 1.0")
    table = sensitivity(cells, **results.intervals(comparison, tuning=True)).set_index("dataset")
    for dataset, lap in laps.items():
        values = cells.query("dataset == @dataset")["test_accuracy"]
        expected = t_interval(values, 0.95, lap)
        assert table.loc[dataset, "test_high"] == pytest.approx(expected.high)
