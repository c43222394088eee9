"""The report: sentences on made-up tables, and the whole page on a small sweep."""

import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest

from experiments.results.provenance import write_provenance
from experiments.results.sweep import Results
from experiments.results.tables import OVER_COLUMNS, write_tables
from experiments.schema import validate
from experiments.statistics import COMPARE_COLUMNS
from reports.chapters import CHAPTERS, Report, tables
from reports.chapters.comparisons import of_comparison
from reports.figures import figure_names, write_figures
from reports.page import build
from reports.page.notebook import fill_in, read
from reports.reading import read_table
from reports.sentences import claims, mechanics, scope, speed, steps, verdicts
from tests.browser import DESKTOP, PHONE, check_offline_page, offline_page
from tests.pages import APPENDIX as NOTEBOOK
from tests.sweeps import Sweep
from tests.test_figures import CONTENT

HOSTILE = "<script>alert(1)</script> *a* $x$"


# ---------------------------------------------------------------- sentences


def made_tests(*rows):
    """Return a table of tests: (dataset, facet, a, b, difference, kind)."""
    table = pd.DataFrame(index=range(len(rows)), columns=list(COMPARE_COLUMNS), dtype=object)
    for place, (dataset, facet, a, b, difference, kind) in enumerate(rows):
        better = a if difference > 0 else b
        facts = {
            "dataset": dataset,
            "facet": facet,
            "a": a,
            "b": b,
            "difference": difference,
            "n": 10,
            "value_a": 0.1,
            "value_b": 1.0,
            "p_holm": 0.002 if kind == "better" else 0.6,
            "margin": 1.0,
            "smallest_margin": abs(difference) + 0.5,
            "verdict_kind": kind,
            "verdict": f"On {dataset}: {better} beats the other by {abs(difference):.1f} points.",
        }
        table.loc[place, list(facts)] = list(facts.values())
    return table.infer_objects()


def arms_table(*rows):
    """Return a table of arms: (dataset, facet, arm, mean, standing, on_edge)."""
    columns = ["dataset", "facet", "arm", "mean", "standing", "on_edge"]
    return pd.DataFrame(rows, columns=columns)


TESTS = made_tests(
    ("iris", "", "A", "B", 4.0, "better"),
    ("wine", "", "A", "B", -7.5, "better"),
    ("digits", "", "A", "B", 0.1, "equivalent"),
    ("moons", "", "A", "B", 0.3, "inconclusive"),
)


def test_counts_of_verdicts_leave_out_what_there_is_none_of():
    said = verdicts.verdict_counts(TESTS)
    assert said == "Of 4 paired tests, 2 show a difference, 1 equivalence and 1 no decision."
    assert verdicts.verdict_counts(TESTS.iloc[:0]) == "No pair of arms was tested."
    assert verdicts.verdict_counts(TESTS.iloc[2:3]) == "The only paired test shows equivalence."


def test_leaders_share_first_places_and_are_called_better_only_where_all_others_are_worse():
    arms = arms_table(
        ("iris", "", "A", 95.0, "best", ""),
        ("iris", "", "B", 91.0, "worse", ""),
        ("wine", "", "A", 90.0, "best", ""),
        ("wine", "", "B", 90.0, "best", ""),
        ("moons", "", "A", np.nan, "absent", ""),
        ("moons", "", "B", 90.0, "best", ""),
    )
    assert verdicts.leaders(arms) == (
        "The highest mean test accuracy is that of A in 2 of 3 cases and B in 2 (shared first "
        "places count for each); in 1 of them every other arm is shown to be worse."
    )
    assert verdicts.leaders(arms.iloc[:0]) == ""


def test_the_absence_of_a_difference_is_not_said_to_be_equality():
    one = arms_table(
        ("iris", "", "A", 95.0, "best", ""), ("iris", "", "B", 94.0, "not separated", "")
    )
    assert verdicts.leaders(one) == (
        "The highest mean test accuracy is that of A; no other arm is shown to be worse than it."
    )
    two = pd.concat([one, one.assign(dataset="wine", standing=["equal", "best"])])
    assert verdicts.leaders(two) == (
        "The highest mean test accuracy is that of A in 1 of 2 cases and B in 1; in both cases no "
        "other arm is shown to be worse than it."
    )
    assert verdicts.leaders(two.assign(standing="best")) == (
        "The arms' mean test accuracies are equal in both cases."
    )
    assert "every other arm is shown to be worse" in verdicts.leaders(
        one.assign(standing=["best", "worse"])
    )


def test_who_is_worse_is_named():
    arms = arms_table(
        ("iris", "", "A", 95.0, "best", ""),
        ("iris", "", "B", 91.0, "worse", ""),
        ("iris", "", "C", 94.0, "not separated", ""),
    )
    assert verdicts.leaders(arms) == (
        "The highest mean test accuracy is that of A; of the others B is shown to be worse."
    )


def test_failures_are_counted_by_arm_and_none_is_no_proof():
    arms = arms_table(("iris", "", "A", 95.0, "best", ""), ("iris", "", "B", 91.0, "worse", ""))
    arms = arms.assign(runs=100, failed=[0, 2], rate_high=0.036)
    assert "2 of 200 runs failed" in verdicts.failures(arms)
    assert ": B 2 of 100." in verdicts.failures(arms)
    assert "up to 3.6 % open" in verdicts.failures(arms.assign(failed=0))


def test_arms_that_are_equally_fast_are_said_to_be():
    tie = speed_table(("iris", "", "A", 10, 90, 0, 3, 80.0), ("iris", "", "B", 10, 90, 0, 3, 80.0))
    assert speed.speed(tie) == (
        "All arms reach the target in the same number of epochs (median over the seeds). "
        "The areas under their learning curves are equal. These counts describe the tuning runs; "
        "they are not tested."
    )


@pytest.mark.parametrize(("runs", "said"), [(1, "1 network was trained"), (2, "2 networks were")])
def test_one_network_is_no_plural(runs, said):
    table = pd.DataFrame({"run_id": list("ab"), "study": "s", "dataset": "d", "status": "ok"})
    table["stage"] = "tune"
    assert scope.scope(table[:runs], 1).startswith(said)
    assert scope.scope(table[:runs], 1).endswith("There is 1 comparison.")
    both = scope.scope(table.assign(stage=["tune", "confirm"]), 1)
    assert both.startswith("2 networks were trained (1 to tune, 1 to confirm)")


def test_pairs_are_counted_by_direction():
    row = tables.by_pair(TESTS).iloc[0]
    names = ["A better", "B better", "equal within the margin", "undecided"]
    assert row[names].tolist() == [1, 1, 1, 1]
    assert row["A − B, points"] == "−7.5 to +4.0"
    assert "the same in every seed" not in tables.by_pair(TESTS)


def test_the_largest_difference_comes_first():
    assert tables.differences(TESTS)["case"].tolist() == ["wine", "iris"]
    assert verdicts.largest(TESTS).replace("\\", "") == (
        "The largest: On wine: B beats the other by 7.5 points. (Adjusted p = 0.0020, n = 10.)"
    )
    assert "No difference is shown" in verdicts.largest(TESTS.iloc[2:])
    assert tables.undecided(TESTS)["case"].tolist() == ["moons"]


def test_a_verdict_that_the_shared_step_contradicts_is_named():
    shared = TESTS.assign(difference=[-4.0, -7.5, 0.1, 3.0], value_b=[0.1, 0.1, 1.0, 0.1])
    shared.loc[3, "verdict_kind"] = "better"
    said = steps.shared_step(TESTS, shared, "eta")
    assert "3 of 4 pairs run at other values than at their own" in said
    assert "In 1 of them the verdict contradicts" in said
    assert said.endswith("A and B on iris.")
    assert "No verdict there contradicts" in steps.shared_step(
        TESTS, TESTS.assign(value_b=0.1), "eta"
    )
    assert "every arm runs at its own" in steps.shared_step(TESTS, TESTS, "eta")


def test_edges_name_arm_end_and_case():
    arms = arms_table(
        ("iris", "hidden tanh", "A", 95.0, "best", "high"),
        ("iris", "hidden tanh", "B", 91.0, "worse", ""),
    )
    said = steps.edges(arms, "eta")
    assert said.startswith("For 1 of 2 arms and cases the chosen step size is the end of its grid")
    assert "A at the largest on iris" in said
    assert "inside its grid" in steps.edges(arms.assign(on_edge=""), "eta")


def speed_table(*rows):
    columns = ["dataset", "facet", "arm", "n", "target", "censored", "median_epochs", "area"]
    return pd.DataFrame(rows, columns=columns)


def test_runs_that_never_reach_the_target_are_counted():
    table = speed_table(
        ("iris", "", "A", 10, 90.0, 2, 3.0, 80.0), ("iris", "", "B", 10, 90.0, 10, np.inf, 60.0)
    )
    wide = tables.speed_wide(table, ["A", "B", "C"], [("iris", "")])
    assert wide.iloc[0].tolist() == ["iris", "90.0", "3 (2 never)", "never (10 of 10)", "absent"]
    said = speed.speed(table)
    assert "by A in the only case" in said
    assert "counted as censored: 12 of 20 runs" in said


def over(**facts):
    """Return a row of the table "rank-tests"."""
    row = dict.fromkeys(OVER_COLUMNS, np.nan) | {"facet": "", "a": "A", "b": "B", "note": ""}
    return pd.DataFrame([row | facts])


def test_datasets_are_described_or_tested():
    (said,) = speed.over_datasets(over(note="too few datasets: 20 needed"), 0.05)
    assert "no test (too few datasets: 20 needed)" in said.replace("\\", "")
    tested = over(
        n_datasets=20, difference=2.0, low=1.4, high=2.6, p_holm=0.003, p_a_better=0.93,
        p_alike=0.06, p_b_better=0.01, new_low=-1.5, new_high=5.0,
    )  # fmt: skip
    first, second = speed.over_datasets(tested, 0.05)
    assert "shows in 1 of 1 planned pair" in first
    assert second == (
        "A − B: 2.0 points [1.4, 2.6] on the typical one of 20 datasets. By more than the margin A "
        "is better with probability 93 %, B with 1 %; they are alike with 6 %. On the next dataset "
        "the difference is expected between −1.5 and 5.0 points (90 %)."
    )


def test_divergence_is_counted_by_arm():
    table = pd.DataFrame(
        {"arm": ["A", "B"], "n": [20, 20], "diverged": [0, 5], "diverged_chosen": [0, 1]}
    )
    assert "5 of 40 tuning runs diverged" in steps.divergence(table)
    assert "(B 5 of 20); 1 of them at a chosen value" in steps.divergence(table)
    assert "0 of 40 tuning runs diverged" in steps.divergence(table.assign(diverged=0))


def mechanics_table():
    return pd.DataFrame(
        {
            "dataset": "iris",
            "facet": "",
            "arm": ["A", "B"],
            "n": 10,
            "zero_gradient": [False, True],
            "delta_norm_start": [0.2, 0.9],
            "delta_norm_end": [0.1, 0.2],
            "gradient_first_start": [0.5, 0.0],
            "gradient_first_end": [0.1, 0.0],
            "saturated_hidden_start": [0.0, 1.0],
            "saturated_hidden_end": [0.25, 1.0],
            "dead_hidden_end": [0.0, 0.0],
            "saturated_output_end": [0.1, np.nan],
        }
    )


def test_why_gives_numbers_and_no_more():
    area = speed_table(("iris", "", "A", 10, 90, 0, 1, 80.0), ("iris", "", "B", 10, 90, 0, 1, 70.0))
    said = " ".join(mechanics.why(mechanics_table(), area))
    assert "largest for B, 0.9, and smallest for A, 0.2" in said
    assert "With B the gradient of the data" in said
    assert "largest for B, 100 %, and smallest for A, 25 %" in said
    assert "dead hidden units at the end is 0 % for every arm" in said
    assert "largest area" not in said  # one arm has no gradient, so that none is the largest
    both = mechanics_table().assign(gradient_first_start=[0.5, 0.2])
    text = " ".join(mechanics.why(both, area))
    assert "largest area under its learning curve in the only case. This is a description" in text
    ties = both.assign(gradient_first_start=[0.5, 0.5 * (1 + 1e-12)])
    assert "largest area" not in " ".join(mechanics.why(ties, area))
    assert tables.mechanics_by_arm(mechanics_table(), ["A", "B"])["B"].iloc[-1] == "–"


def test_gaps_are_stated():
    runs = pd.DataFrame(
        {"study": "s", "status": ["ok", "missing", "skipped"], "reason": ["", "lost", HOSTILE]}
    )
    unfinished, skipped = scope.unfinished(runs), scope.left_out(runs)
    assert "1 of 3 runs without a result" in unfinished
    assert skipped.startswith("1 run of the grid was not trained")
    assert "<script>" not in skipped
    assert [scope.unfinished(runs[:1]), scope.left_out(runs[:1])] == ["", ""]


def test_names_that_look_like_numbers_or_nothing_stay_names(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("dataset,facet,arm,mean\niris,,None,1.5\nNA,,0.10,\n")
    table = read_table(path)
    assert table["arm"].tolist() == ["None", "0.10"]
    assert table["dataset"].tolist() == ["iris", "NA"]
    assert table["facet"].tolist() == ["", ""]
    assert table["mean"].isna().tolist() == [False, True]


def test_equations_that_fail_both_ways_are_not_hidden():
    table = pd.DataFrame(
        {
            "number": ["1", "2", "3", "12"],
            "holds_as_printed": ["True", "False", "False", ""],
            "holds_as_corrected": ["True", "True", "False", ""],
            "error_as_corrected": ["1e-9", "2e-16", "0.5", ""],
        }
    )
    said = claims.equation_counts(table)
    assert "Of 3 equations, 1 holds as printed, 1 holds once corrected (2)" in said
    assert "**1 fails both ways** (3)" in said
    assert "1.0e−09" in said
    beside = claims.equation_counts(table.assign(number=["1", "2", "after 2", "12"]))
    assert "Of 3 equations (2 numbered, and 1 display without a number), 1 holds" in beside


def test_the_notes_fifteen_gradients_are_counted_as_fifteen():
    from experiments import equations

    between = [n for n in equations.EQUATIONS if n.isdigit() and int(n) >= 25]
    assert len(between) == 15


# ---------------------------------------------------------------- the page


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return the results of a small sweep, with made-up claims and equations."""
    sweep = Sweep(tmp_path_factory.mktemp("report"), CONTENT, "small")
    sweep.train()
    sweep.collect()
    write_provenance(sweep.plan, sweep.config, sweep.results, sweep.data)
    results = Results(sweep.results, sweep.plan.config)
    write_tables(results, sweep.results / "tables")
    write_figures(results, sweep.results / "figures")
    pd.DataFrame(
        {
            "id": ["N1", "N7", "S1"],
            "claim": [HOSTILE, "The gradients are right.", "Another."],
            "source": "note",
            "comparison": ["acts-hidden", "", "costs-cost"],
            "test": ["better", "equations", "better"],
            "kind": ["by experiment", "equation", "by experiment"],
            "basis": ["4 splits of 2 runs", "", ""],
            "verdict": ["in part", "holds", "not run"],
            "datasets": ["holds on iris", "", ""],
            "explanation": ["The gap is -3.5 points.", "All hold.", "Not run."],
        }
    ).to_csv(sweep.results / "claims.csv", index=False)
    pd.DataFrame(
        {
            "number": ["13", "38", "12"],
            "statement": [r"\sigma(z) = \frac{1}{1 + e^{-z}}", r"\delta_j = a_j", ""],
            "correction": ["", r"\delta_i = \sum_j a_j", ""],
            "implemented_by": ["mlp.activations.Sigmoid.value", "mlp.costs", ""],
            "holds_as_printed": ["True", "False", ""],
            "holds_as_corrected": ["True", "True", ""],
            "error_as_printed": ["1e-16", "0.5", ""],
            "error_as_corrected": ["1e-16", "2e-16", ""],
            "method": ["direct evaluation", "complex step", ""],
            "reason": ["", "the sum is missing", "an empty number"],
        }
    ).to_csv(sweep.results / "equations.csv", index=False)
    return sweep.results


@pytest.fixture(scope="module")
def page(folder):
    """Return the page of that sweep."""
    files = (folder / name for name in ("report.ipynb", "appendix.html"))
    build(NOTEBOOK, folder, *files, facts=Report(folder).facts)
    return folder / "appendix.html"


def pieces(report, *names):
    return "".join(str(piece) for name in names for piece in report.pieces(name))


@pytest.mark.browser
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_page_is_whole_and_needs_no_network(page, width):
    facts = check_offline_page(page, width)
    assert not facts.problems
    assert facts.title == f"{CONTENT['title']}: for referees"
    assert facts.counts["img"] == len(figure_names(validate(CONTENT)))
    assert facts.counts["math"] == 3
    assert page.stat().st_size < 1_000_000


@pytest.mark.browser
def test_a_reader_can_filter_the_arms_and_follow_a_claim(page):
    with offline_page(page) as browser:
        browser.fill("#tab-all-arms .filters input", "heaviside")
        assert re.match(r"4 of \d+ rows", browser.inner_text("#tab-all-arms output"))
        browser.click("#tab-claims a >> text=figure")
        assert browser.url.endswith("#fig-acts-hidden-differences")


def test_page_tells_where_everything_comes_from(page):
    text = page.read_text(encoding="utf-8")
    for anchor in ("fig-acts-hidden-curves", "tab-acts-hidden-arms", "chapter-plain-length"):
        assert f'id="{anchor}"' in text
    for file in ("figures/acts-hidden-curves.svg", "tables/acts-hidden-tests.csv", "claims.csv"):
        assert re.search(rf"snakemake --cores 2 --configfile \S+ --force \S*{file}", text)
    assert "left out by exclude[0]" in text.replace("&#91;", "[").replace("&#93;", "]")
    assert "<script>alert" not in text


def test_sentences_hold_the_numbers_of_the_files(folder):
    report = Report(folder)
    tests = read_table(folder / "tables" / "acts-hidden-tests.csv")
    said = pieces(report, "comparisons")
    assert f"Of {len(tests)} paired tests" in said
    trained = report.runs[report.runs["status"] != "skipped"]
    assert f"{trained['run_id'].nunique():,} networks were trained" in pieces(report, "opening")
    assert f"{report.runs.drop_duplicates('run_id')['seconds'].sum():,.0f}" in pieces(
        report, "provenance"
    )


def test_evidence_is_headed_by_what_it_is(folder):
    """acts has confirming runs and a planned pair; plain tunes nothing."""
    report = Report(folder)
    acts, plain = ("".join(map(str, of_comparison(report, each))) for each in report.comparisons)
    assert "Planned pairs" in acts
    assert "All pairs (exploratory)" in acts
    assert "runs to confirm, 4 splits of 2 runs for each arm" in acts
    assert "What the tests say" in plain
    assert "exploratory" not in plain
    for kind in ("planned", "tests"):
        table = read_table(folder / "tables" / f"acts-hidden-{kind}.csv")
        beats = table[table["verdict"].str.contains(" beats ")]
        for row in beats.to_dict("records"):
            winner, loser = ("a", "b") if row["difference"] > 0 else ("b", "a")
            words = " beats ".join(
                f"{row[s]} (step {row[f'value_{s}']:g})" for s in (winner, loser)
            )
            assert row["verdict"].startswith(words)
    captions = (folder / "figures" / "captions.json").read_text(encoding="utf-8")
    assert "{" not in "".join(each["caption"] for each in json.loads(captions).values())


def test_a_claim_of_another_config_is_one_line(folder):
    said = pieces(Report(folder), "opening")
    assert "does not test claim S1" in said
    assert "companion_small.yaml" in said
    assert "<b>S1</b>" not in said


def test_what_is_missing_is_stated_and_breaks_nothing(folder, tmp_path):
    for name in ("runs.parquet", "curves.parquet", "provenance.json"):
        (tmp_path / name).symlink_to(folder / name)
    report = Report(tmp_path)
    report.runs.loc[:3, "status"] = "missing"
    opening = pieces(report, "opening")
    assert "This report is unfinished" in opening
    assert "claims.csv is missing" in opening
    assert "equations.csv is missing" in pieces(report, "equations")
    chapter = pieces(report, "comparisons")
    assert "tables are not complete" in chapter
    assert "has not been drawn yet" in chapter
    assert "have not been made yet" in pieces(report, "arms")
    assert pieces(report, "speed") == ""


def test_a_sweep_of_ones_own_begins_with_its_studies(folder, tmp_path):
    for path in folder.iterdir():
        if path.name != "claims.csv":
            (tmp_path / path.name).symlink_to(path)
    judged = pd.read_csv(folder / "claims.csv", keep_default_na=False)
    judged.loc[0, ["comparison", "verdict"]] = ["", "not run"]
    judged.to_csv(tmp_path / "claims.csv", index=False)
    own, theirs = pieces(Report(tmp_path), "opening"), pieces(Report(folder), "opening")
    assert theirs.index('id="tab-claims"') < theirs.index('id="in-short"')
    assert own.index('id="in-short"') < own.index("<details") < own.index('id="tab-claims"')
    assert "1 claim judged without a study of it, 3 in all" in own


def test_the_table_of_norms_is_made_again_with_its_figure(folder):
    report = Report(folder)
    chapter = pieces(report, "comparisons")
    caption = re.search(r"Norms and saturation by arm.*?</figcaption>", chapter, flags=re.S)[0]
    assert "figures/acts-hidden-mechanics.svg" in caption
    assert "curves.parquet" not in caption.partition("Redo")[2]


def test_baselines_are_shown_next_to_the_best_arm(folder, tmp_path):
    here = tmp_path / "small"
    shutil.copytree(folder, here)
    assert "tab-baselines" not in pieces(Report(here), "datasets")
    rows = [("iris", "majority", 10, 33.3, 33.3, 33.3), ("iris", "mlp", 1, 95.0, None, None)]
    names = ["dataset", "baseline", "splits", "mean", "low", "high"]
    path = here / "tables" / "baselines.csv"
    pd.DataFrame(rows, columns=names).to_csv(path, index=False)
    shown = pieces(Report(here), "datasets")
    arms = pd.concat([pd.read_csv(p) for p in (here / "tables").glob("*-arms.csv")])
    best = arms[arms["dataset"] == "iris"].nlargest(1, "mean").iloc[0]
    assert re.search(
        rf"33\.3 ± 0\.0.*95\.0<.*{best['mean']:.1f} \({re.escape(best['arm'])}\)", shown, flags=re.S
    )
    assert "majority 10 and MLPClassifier 1" in shown
    path.write_text(",".join(names) + "\n", encoding="utf-8")  # no dataset has classes
    assert "tab-baselines" not in pieces(Report(here), "datasets")


def test_newest_benchmark_is_shown(folder):
    bench = folder.parent / "benchmark"
    bench.mkdir()
    pd.DataFrame({"contender": ["mlp"], "seconds_per_run": [0.03]}).to_csv(
        bench / "benchmark.csv", index=False
    )
    assert "seconds per run" in pieces(Report(folder), "speed")


def test_figures_beyond_the_size_of_the_page_are_named_instead(folder, monkeypatch):
    monkeypatch.setattr("reports.chapters.MOST_IMAGE_BYTES", 1)
    report = Report(folder)
    chapter = "".join(map(str, of_comparison(report, report.comparisons[0])))
    assert "<img" not in chapter
    drawn = [name for name in figure_names(report.config) if name.startswith("acts-hidden")]
    assert chapter.count("a figure is left out here") == len(drawn)


def test_config_comes_from_the_results(folder):
    facts = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    assert "acts" in facts["config"]
    assert list(Report(folder).config.studies) == ["acts", "plain"]


def prose(splits, report, **facts):
    """Return the prose of the notebook for a report with these splits."""
    notebook = read(NOTEBOOK)
    fill_in(notebook, report.facts | {"splits": splits} | facts)
    return " ".join(c.source for c in notebook.cells if c.cell_type == "markdown")


def test_the_prose_of_the_notebook_follows_the_config(folder):
    report = Report(folder)
    facts = {"level": 0.1, "margin": 2.0, "target_share": 0.9}
    settings = report.config.statistics.model_copy(update=facts)
    report.config = report.config.model_copy(update={"statistics": settings})
    fixed = prose(["fixed"], report)
    assert "90 % t-interval" in fixed
    assert "margin of 2 points" in fixed
    assert "Studies without confirmation" in fixed
    assert "reaches 90 % of" in fixed.replace("\n  ", " ")
    assert "that of Nadeau and Bengio" in fixed
    assert "overlap" not in prose(["fixed"], report, confirmed=False)
    assert "each seed has a split" in prose(["per_seed"], report)
    assert "some studies" in prose(["fixed", "per_seed"], report)
    assert "two defects" not in fixed
    assert "Three small experiments" not in fixed


def test_every_chapter_is_shown_once(folder, monkeypatch):
    report, shown = Report(folder), []
    monkeypatch.setattr(Report, "pieces", lambda self, name: shown.append(name) or [])
    for cell in read(NOTEBOOK).cells:
        if cell.cell_type == "code":
            exec(cell.source.partition("open_report()")[2] or cell.source, {"report": report})
    assert sorted(shown) == sorted(CHAPTERS)
    assert shown[-1] == "provenance"
