"""The collected tables: each is what facts.yaml says, keeps the rule, and has no leak."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from experiments.base import store
from experiments.datasets import DATASETS
from experiments.datasets.collection import FACTS, path, read, rule, wheel
from experiments.datasets.collection.convert import text
from experiments.schema import load

ROOT = Path(__file__).parent.parent
BUNDLED = ("breast_cancer", "digits", "iris", "wine")
each_table = pytest.mark.parametrize("name", FACTS["datasets"])
each_dataset = pytest.mark.parametrize("name", [*FACTS["datasets"], *BUNDLED])

MEMBERS = {  # as the origins' own documents state, less the rows with missing values
    "balance": [49, 288, 288],
    "car": [65, 69, 384, 1210],
    "cleveland": [13, 35, 35, 54, 160],
    "contraceptive": [333, 511, 629],
    "dermatology": [20, 48, 48, 60, 71, 111],
    "fertility": [12, 88],
    "german": [300, 700],
    "haberman": [81, 225],
    "hayes_roth": [31, 64, 65],
    "ionosphere": [126, 225],
    "libras": [24] * 15,
    "mammographic": [403, 427],
    "segment": [330] * 7,
    "spectf": [55, 212],
    "tae": [49, 50, 52],
    "thyroid": [30, 35, 150],
    "vehicle": [199, 212, 217, 218],
    "vowel": [90] * 11,
    "wisconsin": [239, 444],
}


def arrays(name: str) -> tuple[np.ndarray, np.ndarray]:
    data = DATASETS[name].load(DATASETS[name].Options())
    return data["X"], data["y"]


@each_table
def test_shape_and_checksum_are_pinned(name):
    X, y = arrays(name)
    entry = FACTS["datasets"][name]
    assert [*X.shape, len(np.unique(y))] == entry["shape"]
    assert store.checksum({"X": X, "y": y}) == entry["sha256"]


@pytest.mark.parametrize("name", MEMBERS)
def test_classes_have_the_members_that_the_origin_states(name):
    assert sorted(np.bincount(arrays(name)[1]).tolist()) == MEMBERS[name]


@each_table
def test_the_rule_holds(name):
    folder = FACTS["datasets"][name]["folder"]
    found = rule.candidate(folder, read(name), {**FACTS, "datasets": {}})
    assert found.reasons == []
    assert [found.samples, found.features, found.classes] == FACTS["datasets"][name]["shape"]


def test_the_rule_holds_for_the_datasets_of_scikit_learn():
    assert [c.name for c in rule.bundled() if not c.reasons] == list(BUNDLED)


def test_there_are_twenty_and_three_quarters_are_real():
    real = sum(entry.get("real", True) for entry in FACTS["datasets"].values()) + len(BUNDLED)
    total = len(FACTS["datasets"]) + len(BUNDLED)
    assert total >= 20
    assert real / total >= 0.75


def test_one_of_each_origin_and_all_small_enough_to_be_kept():
    folders = [entry["folder"] for entry in FACTS["datasets"].values()]
    assert len({*folders}) == len(folders)
    assert not {*folders} & {*FACTS["left_out"]}
    assert sum(path(name).stat().st_size for name in FACTS["datasets"]) < 2.5e6


@each_dataset
def test_no_column_is_an_identifier_or_tells_the_class(name):
    """No feature counts the rows, and none by itself tells the classes of unseen rows apart."""
    X, y = arrays(name)
    rows = np.random.default_rng(0).permutation(len(X))
    seen, unseen = rows[::2], rows[1::2]
    for j, column in enumerate(X.T):
        steps = np.diff(column)
        counts = (steps > 0).all() or (steps < 0).all()
        assert not counts, f"column {j} counts the rows"
        tree = DecisionTreeClassifier(random_state=0).fit(column[seen, None], y[seen])
        assert tree.score(column[unseen, None], y[unseen]) < 0.98, f"column {j} tells the class"


@each_table
def test_files_are_written_in_one_way_only(name):
    """Read and written again they are the same bytes, so a conversion has one result."""
    kept = path(name).read_text(encoding="utf-8")
    assert text(read(name)) == kept


# --- The package's files ------------------------------------------------------------------------


def package(**files: str) -> zipfile.ZipFile:
    """Return a wheel that holds some tables, by their paths with `__` for the slash."""
    made = zipfile.ZipFile(io.BytesIO(), "w")
    for name, content in files.items():
        folder, file = name.split("__")
        ending = "data.txt" if folder in wheel.BARE else "dat"
        made.writestr(f"{wheel.FOLDER}{folder}/{file}.{ending}", content)
    return made


HEADED = """@relation toy
@attribute size real [0.0, 2.5]
@attribute colour {red, blue}
@attribute kind {1, 2, 3}
@attribute flag {0, 1}
@attribute Outcome {no, yes}
@data
0.50, red, 1, 0, no
2, blue, 3, 1, yes
<null>, red, 2, 1, yes
"""


def test_a_header_says_what_is_a_number_and_what_a_category():
    frame = wheel.table(package(toy__toy=HEADED), "toy")
    assert frame.columns.tolist() == ["size", "colour", "kind", "flag", "class"]
    assert frame["kind"].tolist() == ["v1", "v3", "v2"]
    assert frame["flag"].tolist() == [0, 1, 1]
    assert frame["class"].tolist() == ["no", "yes", "yes"]
    assert frame.isna().sum().sum() == 1
    assert rule.width(frame) == 1 + 2 + 3 + 1
    assert text(frame[:2]).splitlines()[1:] == ["0.5,red,v1,0,no", "2,blue,v3,1,yes"]


def test_a_table_without_header_is_read_as_it_is_known_to_be():
    glass = wheel.table(package(glass__glass="1,1.52,13.6,1\n2,1.51,13.8,2\n"), "glass")
    assert glass.columns.tolist() == ["x1", "x2", "class"]
    hepatitis = wheel.table(package(hepatitis__hepatitis="2,30,?\n1,50,7\n"), "hepatitis")
    assert hepatitis["class"].tolist() == ["2", "1"]
    assert hepatitis["x2"].isna().tolist() == [True, False]


def test_extracts_and_judgements_keep_a_table_out():
    both = package(**{"toy__toy": HEADED, "toy-red__toy-red": HEADED, "bupa__bupa": HEADED})
    judged, parts = rule.survey(both)
    assert parts == {"toy": ["toy-red"]}
    reasons = {c.name: c.reasons for c in judged}
    assert reasons["iris"] == []
    assert reasons["toy"] == ["3 samples", "a class of 1 member", "1 rows with missing values"]
    assert reasons["bupa"][-1] == FACTS["left_out"]["bupa"]
    assert "| iris | 150 | 4 | 3 | 50 | **in** |" in rule.markdown(judged, parts)


def test_the_page_shows_the_facts_as_they_are():
    page = (ROOT / "docs/datasets.md").read_text(encoding="utf-8")
    assert rule.described() in page
    for reason in FACTS["left_out"].values():
        assert reason in page


def taken(most: int = 10**9) -> dict[str, bool]:
    """Return the datasets of the rule with at most so many samples, and whether each is real."""
    real = {name: entry.get("real", True) for name, entry in FACTS["datasets"].items()}
    real |= dict.fromkeys(BUNDLED, True)
    return {name: real[name] for name in sorted(real) if len(arrays(name)[1]) <= most}


@pytest.mark.parametrize("study", ["pairs_on_tables", "init_on_tables"])
def test_the_default_sweep_has_every_table_of_at_most_a_thousand_samples(study):
    found = load(ROOT / "experiments/config/default.yaml").studies[study].datasets
    assert found == list(taken(1000))
    assert len(found) >= 20
    assert sum(taken(1000).values()) >= 0.75 * len(found)


def test_the_thorough_sweep_has_every_table():
    studies = load(ROOT / "experiments/config/thorough.yaml").studies.values()
    assert all(study.datasets == [*taken(), "mnist1d"] for study in studies)
