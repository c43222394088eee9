"""The main page: its answers say what the numbers say, name both sides, and keep their limits."""

import html
import re
import shutil
from types import SimpleNamespace

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import mlp
from experiments.base import ConfigError
from experiments.equations import write_equations
from experiments.schema import chapters_of, comparisons, load, validate
from experiments.statistics import Kind
from reports.answers import trust
from reports.answers.asked import asked
from reports.answers.parts import KINDS_OF_FAILURE, PARTS, kind_of_failure
from reports.answers.setting import setting
from reports.answers.trust import _splits as splits_covered
from reports.chapters import Report
from reports.page import literal, markdown
from reports.page.html import plain
from reports.reading import read_texts
from reports.sentences.over import Finding, answer, in_short, rest, to_choose
from tests.confirming import fixed_examples
from tests.pages import MAIN, ROOT, page_of, results_of

CONFIGS = ROOT / "experiments" / "config"
CONTENT = {
    "title": "Which activation?",
    "seeds": 2,
    "confirm": {"splits": 4, "seeds": 1},
    "headline": [{"study": "acts", "a": "heaviside", "b": "tanh"}],
    "chapters": [
        {"question": "Is <tanh> best?", "comparisons": ["acts"]},
        {"question": "Does the cost matter?", "comparisons": ["costs-cost"]},
    ],
    "studies": {
        "acts": {
            "datasets": ["iris", "wine"],
            "base": {"layers": [4], "epochs": 3},
            "grid": {"hidden": ["tanh", "relu", "heaviside"], "eta": [0.1, 1.0]},
            "compare": "hidden",
            "tune": "eta",
        },
        "costs": {
            "datasets": ["iris"],
            "base": {"layers": [4], "epochs": 2},
            "grid": {"cost": ["mse", "cross_entropy"], "eta": [0.1, 1.0]},
            "compare": "cost",
            "tune": "eta",
        },
    },
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return the folder of a small sweep with two questions."""
    return results_of(tmp_path_factory.mktemp("answers"), CONTENT).results


@pytest.fixture(scope="module")
def text(folder):
    """Return its main page."""
    return page_of(folder, MAIN)


def words_of(text: str) -> str:
    """Return what a reader reads of a page, without what is folded away."""
    main = text[text.index("<main>") :]
    main = re.sub(r"<(script|style|code|details)\b.*?</\1>", " ", main, flags=re.S)
    return html.unescape(re.sub(r"<[^>]*>", " ", main))


# ---------------------------------------------------------------- the numbers of an answer


def test_the_answer_has_the_numbers_of_the_runs(folder):
    report = Report(folder)
    first = report.questions[0].first
    runs = pd.read_parquet(folder / "runs.parquet")
    runs = runs[(runs["study"] == "acts") & (runs["stage"] == "confirm")]
    chosen = pd.read_csv(folder / "choices.csv")
    assert len(chosen) > 0
    for row in first.rows:
        mine = runs[runs["dataset"] == row["dataset"]]
        both = []
        for arm, value in ((first.a, row["value_a"]), (first.b, row["value_b"])):
            some = mine[(mine["hidden"] == arm) & (mine["eta"] == value)]
            both.append(some.groupby("split_index")["test_accuracy"].mean())
        difference = 100 * (both[0] - both[1]).mean()
        assert row["difference"] == pytest.approx(difference, abs=1e-9)
    top = max(first.shown or first.rows, key=lambda row: abs(row["difference"]))
    assert f"{abs(top['difference']):.1f}" in answer(first)


def test_the_page_says_the_answers_it_computed(folder, text):
    said = " ".join(words_of(text).split())
    for one in asked(Report(folder)):
        assert answer(one.first).replace("\\", "") in said  # it is Markdown
        assert in_short(one.first).replace("\\", "") in said


def test_pairs_that_were_not_planned_are_summed_up(folder, text):
    table = pd.read_csv(folder / "tables" / "acts-hidden-tests.csv")
    others = table[
        [{"heaviside", "tanh"} != {*pair} for pair in zip(table["a"], table["b"], strict=True)]
    ]
    differ = others["verdict_kind"].isin(["better", "relevant"])
    said = " ".join(words_of(text).split())
    assert len(others) == 4
    if differ.any():
        assert f"Not planned: {differ.sum()} of 4 comparisons differ" in said
    else:
        assert "Not planned" not in said


def test_questions_are_escaped_and_lead_to_their_chapters(text):
    assert 'id="question-1">Is &lt;tanh&gt; best?' in text
    assert 'href="#question-2"' in text


def test_a_dollar_in_a_question_is_no_formula(folder):
    report = Report(folder)
    chapters = [
        one.model_copy(update={"question": "Is ${$ <b>?"}) for one in report.config.chapters
    ]
    report = Report(folder, report.config.model_copy(update={"chapters": chapters}))
    assert {one["question"] for one in report.facts["questions"]} == {"Is &#36;{&#36; &lt;b&gt;?"}


def test_the_baselines_are_where_the_page_says(folder, tmp_path):
    results = tmp_path / "shape"
    shutil.copytree(folder, results)
    table = "dataset,baseline,splits,mean,low,high\niris,majority,10,33.3,33.3,33.3\n"
    (results / "tables" / "baselines.csv").write_text(table, encoding="utf-8")
    report = Report(results)
    said = "".join(map(str, trust(report)))
    (anchor,) = re.findall(r'href="appendix\.html#([^"]*)"', said)
    assert f'id="{anchor}"' in "".join(map(str, report.pieces("datasets")))


# ---------------------------------------------------------------- words


FORBIDDEN = ("nothing decisive", "censored", "unadjusted", "and n more", "≈")


@pytest.mark.parametrize(
    ("fixed", "words"),
    [
        ([], "An interval covers other splits of the same data and other starts of the networks."),
        (["b"], "starts of the networks; in b, other starts of the networks on this split"),
        (["a", "b"], "An interval covers other starts of the networks on this split of the data"),
    ],
)
def test_an_interval_covers_other_splits_unless_all_seeds_have_one(fixed, words):
    report = SimpleNamespace(
        comparisons=[SimpleNamespace(study=name) for name in "aab"],
        on_this_split=lambda comparison: comparison.study in fixed,
    )
    assert words in splits_covered(report)


def test_forbidden_words_do_not_occur(text):
    said = words_of(text)
    assert not [word for word in FORBIDDEN if word in said]
    assert not re.findall(r".{30}\b(?:arms?|cases?)\b.{30}", said)


def test_no_sentence_is_said_twice(text):
    sentences = [s.strip() for s in re.split(r"(?<=[.?!])\s+", " ".join(words_of(text).split()))]
    long = [s for s in sentences if len(s.split()) > 6]
    assert len(long) == len(set(long))


def test_the_page_keeps_its_limits(text):
    without_tables = re.sub(r"<table\b.*?</table>", " ", text, flags=re.S)
    assert len(words_of(without_tables).split()) <= 2_500
    assert text.count('<figure class="image"') <= 12
    assert text.count('<figure class="table"') <= 9


KINDS = [kind.value for kind in Kind if kind != Kind.ABSENT]


@st.composite
def findings(draw):
    rows = []
    for number in range(draw(st.integers(1, 9))):
        difference = draw(st.integers(-300, 300)) / 10
        half = draw(st.integers(1, 80)) / 10
        low, high = difference - half, difference + half
        kind = Kind.INCONCLUSIVE
        if low > 1 or high < -1:
            kind = Kind.RELEVANT
        elif low > 0 or high < 0:
            kind = Kind.NEGLIGIBLE if low > -1 and high < 1 else Kind.BETTER
        elif low > -1 and high < 1:
            kind = Kind.EQUIVALENT
        rows.append({"dataset": f"d{number}", "difference": difference, "low": low, "high": high,
                     "margin": 1.0, "verdict_kind": kind.value})  # fmt: skip
    return Finding("A", "B", "", rows)


@fixed_examples
@given(findings())
def test_every_answer_names_both_sides_and_agrees_with_its_interval(finding):
    said = answer(finding)
    assert "A" in said
    assert "B" in said
    assert len(said.split()) <= 45
    if "beats" in said:
        low, high = (
            float(end.replace("−", "-")) for end in re.search(r"\[(\S+), (\S+)\]", said).groups()
        )
        assert 0 < low < high  # the winner is named first
        assert finding.shown
    else:
        assert not finding.shown
    together = f"{said} {rest(finding)}"
    if len(finding.rows) <= 6:
        assert all(f"d{i}" in together for i in range(len(finding.rows)) if finding.shown)


@fixed_examples
@given(findings())
def test_the_short_answer_counts_every_dataset_and_advises_what_is_mostly_ahead(finding):
    said, ahead, behind = in_short(finding), finding.of("ahead"), finding.of("behind")
    counts = [int(number) for number in re.findall(r"(?:on|,|and|datasets) (\d+)(?= |$)", said)]
    if finding.shown and len(finding.rows) > 1:
        first, second = (ahead, behind) if finding.shown[0]["difference"] > 0 else (behind, ahead)
        assert f"ahead on {len(first)}" in said
        assert (f"behind on {len(second)}" in said) == bool(second)
        assert f"of {len(finding.rows)} datasets" in said
        assert counts
    advice = to_choose([finding])
    if len(ahead) >= 3 * len(behind) and ahead:
        assert f"take A: ahead on {len(ahead)}" in advice
    elif len(behind) >= 3 * len(ahead) and behind:
        assert f"take B: ahead on {len(behind)}" in advice
    elif ahead or behind:
        assert f"A is ahead on {len(ahead)}" in advice
        assert f"B on {len(behind)}" in advice
    else:
        assert "either will do" in advice


def test_without_runs_nothing_is_advised():
    assert to_choose([]) == ""
    row = {"dataset": "d", "difference": float("nan"), "verdict_kind": "absent"}
    assert to_choose([Finding("A", "B", "", [row])]) == ""


# ---------------------------------------------------------------- how it was run, and the note


def test_a_chapter_says_how_it_was_run_and_what_its_names_mean(folder):
    report = Report(folder)
    said = html.unescape("".join(map(str, setting(report, report.questions[0]))))
    for words in (
        "hidden layers of 4 neurons",
        "epochs 3",
        "2 seeds",
        "0.1 and 1",
        "each of 4 splits",
    ):
        assert words in said
    meaning = mlp.ACTIVATIONS["heaviside"].__doc__.splitlines()[0]
    assert plain(markdown(literal(meaning))) in plain(said)


def test_the_part_note_has_the_components_that_the_code_has():
    said = plain("".join(map(str, PARTS["note"](None))))
    for name in ("default", "default_literal", "fan_in"):
        assert name in mlp.INITIALIZERS
        assert name in said
    assert all(name in said for name in mlp.UPDATES)


def test_the_part_steps_names_the_value_that_loses_least(folder):
    report = Report(folder)
    said = "".join(map(str, PARTS["steps"](report)))
    comparison = report.comparisons[0]
    runs = report.results.cells(comparison).query("status != 'skipped'")
    means = 100 * runs.groupby(["dataset", "arm", "tuned"])["validation_accuracy"].mean()
    lost = means.groupby(["dataset", "arm"]).transform("max") - means
    best = lost.groupby(["arm", "tuned"]).mean().unstack().idxmin(axis=1)
    assert set(best.index) == set(comparison.arms)
    for arm, value in best.items():
        assert re.search(rf"<td>{arm}</td><td[^>]*>{value:g}<small>", said)


def test_words_are_explained_once_a_chapter(text):
    chapters = re.split(r"<h2\b", text)
    words = [re.findall(r"<abbr title=\"[^\"]+\">([^<]+)<", chapter) for chapter in chapters]
    assert any("margin" in some for some in words)
    assert all(len(some) == len(set(some)) for some in words)


# ---------------------------------------------------------------- chapters in the config


@pytest.mark.parametrize("name", ["default", "quick"])
def test_every_comparison_of_a_config_is_in_one_chapter(name):
    config = load(CONFIGS / f"{name}.yaml")
    shown = [one.name for _, found in chapters_of(config) for one in found]
    assert sorted(shown) == sorted(one.name for one in comparisons(config))


def test_without_chapters_each_comparison_is_one():
    config = validate({**CONTENT, "chapters": []})
    assert [(c.question, [o.name for o in found]) for c, found in chapters_of(config)] == [
        ("acts", ["acts-hidden"]), ("costs", ["costs-cost"])
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("chapter", "said"),
    [
        ({"question": "Q?", "comparisons": ["act"]}, r"comparisons\[0\].*acts"),
        ({"question": "Q?"}, "nothing answers the question"),
        ({"question": "", "comparisons": ["acts"]}, "question"),
        ({"question": "Q?", "parts": ["equation"]}, "parts"),
    ],
)
def test_a_wrong_chapter_is_refused(chapter, said):
    with pytest.raises(ConfigError, match=said):
        validate({**CONTENT, "chapters": [chapter]})


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.y*ml")), ids=lambda path: path.name)
def test_snakemake_can_read_each_config(path):
    assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)


# ---------------------------------------------------------------- the equations


def test_slips_special_cases_and_errors_are_told_apart(tmp_path):
    """As reading the note by hand has them."""
    write_equations(tmp_path / "equations.csv")
    found = read_texts(tmp_path / "equations.csv").to_dict("records")
    failed = [row for row in found if row["holds_as_printed"] == "False"]
    kinds = {kind: [r["number"] for r in failed if kind_of_failure(r) == kind]
             for kind in KINDS_OF_FAILURE}  # fmt: skip
    assert kinds == {
        "notation": ["7", "9", "34", "36", "37"],
        "special": ["25", "26", "32"],
        "error": ["38", "39"],
    }
