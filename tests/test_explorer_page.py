"""The explorer in headless Chromium: choices change what is drawn, and nothing leaves the page."""

import csv
import io
import itertools
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from experiments.results import Results
from experiments.results.tables import tables
from experiments.schema import load
from reports.explorer import METRICS, write_explorer
from tests.browser import DESKTOP, PageFacts, check_offline_page, offline_page
from tests.explored import ARABIC, CHINESE, HOSTILE, LONG, explored

pytestmark = pytest.mark.browser
CURVES, ENDS = "figure.curves svg", "figure.sensitivity svg"


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    return explored(tmp_path_factory.mktemp("sweep"))


@pytest.fixture(scope="module")
def page_file(results) -> Path:
    out = results / "explorer.html"
    write_explorer(results, out)
    (results / "report.html").write_text("the report", encoding="utf-8")
    return out


@pytest.fixture(scope="module")
def opened(page_file):
    seen = PageFacts()
    with offline_page(page_file, facts=seen) as page:
        yield page, seen


@pytest.fixture
def page(opened, page_file):
    """The page as it is when it is first opened."""
    page, seen = opened
    seen.console_errors.clear()
    page.goto("about:blank")
    page.goto(page_file.as_uri())
    page.wait_for_selector("html[data-ready]")
    yield page
    assert seen.console_errors == []
    assert seen.requests == []


def choose(page, control: str, label: str) -> None:
    """Choose an option, and wait until the page has drawn it."""
    page.select_option(f"#{control}", label=label)
    page.evaluate("show(false)")


def drawing(page) -> dict[str, str]:
    """Return all that shows what is chosen."""
    return {name: page.inner_html(f"#{name}") for name in ("figures", "values", "runs", "sentence")}


def rows(page) -> int:
    return page.locator("#runs tbody tr").count()


def lines(page, panel: str = CURVES) -> int:
    return page.locator(f"{panel} polyline.line").count()


def at(page, address: str) -> None:
    """Go to an address of the page."""
    page.evaluate("hash => { state = fromAddress(hash); return show() }", address)


def values(page, table: str = "#values table") -> dict[str, list[str]]:
    """Return the rows of a table of values by arm."""
    texts = [row.inner_text().split("\t") for row in page.locator(f"{table} tbody tr").all()]
    return {name.strip(): cells for name, *cells in texts}


# ---------------------------------------------------------------- sound


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_sound(page_file, width):
    assert not check_offline_page(page_file, width=width).problems


@contextmanager
def seen_as(page, width: int = DESKTOP, scheme: str = "light") -> Iterator[None]:
    """Show the page at a width and in a colour scheme."""
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    yield
    page.set_viewport_size({"width": DESKTOP, "height": 844})
    page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_axe_finds_nothing(page, width, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    with seen_as(page, width, scheme):
        page.locator("#values button").first.click()
        page.locator("#runs tbody button").first.click()
        page.locator("summary").click()
        found = axe.Axe().run(page).response["violations"]
    assert [(rule["id"], [n["html"][:90] for n in rule["nodes"]]) for rule in found] == []


@pytest.mark.parametrize("study", ["activations", "long", "breaks", "labels"])
@pytest.mark.parametrize("width", [1280, 390])
def test_texts_have_twelve_pixels_and_are_not_cut(page, width, study):
    at(page, f"#study={study}")
    with seen_as(page, width):
        found = page.evaluate(
            """() => [...document.querySelectorAll("figure svg text")].map(text => {
              const box = text.getBoundingClientRect();
              const all = text.ownerSVGElement.getBoundingClientRect();
              const zoom = all.width / text.ownerSVGElement.viewBox.baseVal.width;
              return {size: parseFloat(getComputedStyle(text).fontSize) * zoom,
                inside: box.left >= all.left - 1 && box.right <= all.right + 1,
                said: text.textContent};
            })"""
        )
        assert found
        assert [text for text in found if text["size"] < 11.99 or not text["inside"]] == []
        excess = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(excess) <= 0
        if study == "labels":
            said = " ".join(text["said"] for text in found).replace(" ", "")
            for label in (LONG, CHINESE, ARABIC):
                assert label.replace(" ", "") in said


# ---------------------------------------------------------------- choices


def test_it_begins_with_the_confirming_runs_at_the_best_step(page):
    assert page.input_value("#stage") is not None
    assert lines(page) == 2
    assert page.locator(f"{CURVES} polygon").count() == 2
    assert page.locator(f"{ENDS} circle").count() == 6
    assert rows(page) == 2 * 3 * 2
    assert page.locator("#legend label").all_inner_texts()[0].startswith("sigmoid (eta ")


@pytest.mark.parametrize(
    ("control", "label"),
    [("dataset", "wine"), ("quantity", "train cost"), ("fixed-0", "small"),
     ("quantity", "gradient norm, layer 2"), ("centre", "median and quartiles"), ("ref", "tanh"),
     ("dataset", "all datasets"), ("scale", "logarithmic"), ("quantity", "test error")],
)  # fmt: skip
def test_a_choice_changes_what_is_drawn(page, control, label):
    before = drawing(page)
    choose(page, control, label)
    after = drawing(page)
    assert before["figures"] != after["figures"]


def test_dataset_and_setting_filter_the_table_too(page):
    choose(page, "stage", "tuning runs (all values)")
    choose(page, "dataset", "wine")
    choose(page, "at", "10")
    names = page.locator("#runs thead th").all_inner_texts()
    for column, value in (("eta", "10"), ("dataset", "wine")):
        place = names.index(column) + 1
        cells = page.locator(f"#runs tbody td:nth-child({place})").all_inner_texts()
        assert set(cells) == {value}
    assert rows(page) == 16


def test_another_axis_may_be_compared(page):
    choose(page, "stage", "tuning runs (all values)")
    choose(page, "colour", "eta")
    assert lines(page) == 3
    assert page.locator("#along option").count() == 3
    assert page.locator("#at").count() == 0


def test_another_study_brings_its_own_choices(page):
    choose(page, "study", "long")
    assert page.locator("#dataset").count() == 0
    assert lines(page) == 2
    assert rows(page) == 16


def test_hidden_arms_are_forgotten_when_another_study_is_chosen(page):
    page.locator("#legend input").first.uncheck()
    assert lines(page) == 1
    assert lines(page, ENDS) == 1
    assert rows(page) == 6
    choose(page, "study", "long")
    choose(page, "study", HOSTILE)
    assert lines(page) == 2
    page.locator("#legend input").first.uncheck()
    page.locator("#legend input").first.check()
    assert lines(page) == 2


def test_reset_goes_back_to_the_beginning_of_the_study(page):
    before = drawing(page)
    choose(page, "dataset", "wine")
    choose(page, "quantity", "train cost")
    page.locator("#legend input").first.uncheck()
    page.click("#reset")
    assert drawing(page) == before


def test_all_datasets_are_side_by_side(page):
    choose(page, "dataset", "all datasets")
    titles = page.locator("figure h3").all_inner_texts()
    assert titles == ["iris", "wine"] * 2
    assert page.locator("#values table").count() == 2
    assert "of 2 datasets" in page.inner_text("#sentence")
    tops = [box["y"] for box in (f.bounding_box() for f in page.locator(CURVES).all())]
    assert tops[0] == tops[1]


# ---------------------------------------------------------------- numbers


@pytest.fixture(scope="module")
def report(results) -> dict[str, pd.DataFrame]:
    """The tables of the report about arms and pairs of the first study."""
    read = Results(results, load(results.parents[1] / "tiny.yaml"))
    comparison = next(c for c in read.comparisons if c.study == "activations")
    return dict(itertools.islice(tables(read, comparison), 2))


def test_numbers_are_those_of_the_report(page, report):
    """Mean test accuracy, t-interval, number of splits and chosen step, on every case."""
    checked, arms = 0, report["arms"]
    assert "95 % interval" in page.inner_text("#values thead")
    texts = {name: arms[name].map("{:.1f}".format) for name in ("mean", "low", "high")}
    for row in arms.assign(**texts).to_dict("records"):
        choose(page, "dataset", row["dataset"])
        choose(page, "fixed-0", row["facet"].removeprefix("start "))
        eta, mean, interval, n, diverged = values(page)[row["arm"]]
        assert (float(eta), mean, int(n)) == (row["tuned"], row["mean"], row["n"])
        assert interval == f"[{row['low']}, {row['high']}]"
        assert int(diverged) == row["diverged"]
        checked += 1
    assert checked == 8


def test_medians_and_quartiles_are_those_of_the_seeds(page, results):
    at(page, "#study=activations&runs=tune&centre=median&at=10&dataset=wine&quantity=test_cost")
    runs = pd.read_parquet(results / "runs.parquet").query(
        "study == 'activations' and stage == 'tune' and dataset == 'wine' and eta == 10 "
        "and init == 'large'"
    )
    for arm, mine in runs.groupby("hidden"):
        low, middle, high = mine.test_cost.quantile([0.25, 0.5, 0.75])
        _, value, quartiles, n, _ = values(page)[arm]
        assert float(value) == pytest.approx(middle, rel=2e-2)
        ends = [float(text) for text in quartiles.strip("[]").split(",")]
        assert ends == pytest.approx([low, high], rel=2e-2)
        assert int(n) == 8


def test_a_difference_is_that_of_the_report(page, report):
    """The mean difference of the splits; the arm of reference is not drawn."""
    at(page, "#study=activations&dataset=wine&ref=sigmoid")
    assert lines(page) == 1
    tests = report["tests"]
    row = tests[(tests.dataset == "wine") & (tests.facet != "start small")].iloc[0]
    sign = 1 if row["a"] == "tanh" else -1
    want = f"{sign * row['difference']:+.1f}"
    assert values(page)["tanh"][1] == ("0.0" if float(want) == 0 else want.replace("-", "−"))
    assert "points" in page.inner_text("#shown")


def test_an_error_is_what_is_missing_in_accuracy(page):
    at(page, "#study=activations&quantity=test_accuracy")
    accuracies = {arm: float(cells[1]) for arm, cells in values(page).items()}
    at(page, "#study=activations&quantity=test_error")
    errors = {arm: float(cells[1]) for arm, cells in values(page).items()}
    for arm, accuracy in accuracies.items():
        assert errors[arm] == pytest.approx(100 - accuracy, abs=0.11)


def test_what_confirming_runs_record_at_their_ends_is_drawn_there(page):
    at(page, "#study=activations&quantity=train_cost")
    assert page.locator(f"{CURVES} circle").count() == 4
    assert "epoch 3" in page.inner_text("#values h3")


def test_updates_are_another_horizontal_axis(page):
    choose(page, "x", "updates")
    assert "update 27" in page.inner_text("#values h3")  # 3 epochs of 9 batches


# ---------------------------------------------------------------- divergence


def test_a_diverged_run_does_not_destroy_the_axis(page):
    at(page, "#study=breaks&quantity=test_cost&axis.eta=1e%2B300")
    assert rows(page) == 16
    assert "diverged" in page.inner_text("#runs")
    assert page.locator(f"{CURVES} path.diverged").count() >= 1
    ticks = [t for t in page.locator(f"{CURVES} text").all_text_contents() if t[0].isdigit()]
    assert all(float(text.replace("−", "-")) < 1e6 for text in ticks)
    assert "diverged" in page.inner_text("#sentence")
    at(page, "#study=breaks&axis.eta=0.1")
    assert lines(page) == 1


def test_one_exploding_arm_leaves_the_others_their_range(page):
    tops = page.evaluate(
        """() => {
          const look = ["#000", ""], arm = values => ({look, label: "a", start: values[0], points:
            values.map((value, x) => ({x, value, low: value - 1e9, high: value}))});
          const list = [[2, 1, 0.5], [2, 1, 0.6], [2, 1e30, 5e282], [2, 1, Infinity]].map(arm);
          const q = {perCent: false};
          state.scale = "linear";
          const cut = scaleOf(list, q, false).high;
          state.scale = "log";
          const log = scaleOf(list, q, false);
          return [cut, log.high, log.log];
        }"""
    )
    assert tops[0] < 50
    assert tops[1] < 50
    assert tops[2]


def test_a_large_difference_in_points_is_not_cut(page):
    low = page.evaluate(
        """() => {
          const arm = values => ({start: 0, points: values.map((value, x) =>
            ({x, value, low: value, high: value}))});
          state.scale = "auto";
          return scaleOf([[0, 1], [0, 1], [0, -60]].map(arm), {perCent: true}, true).low;
        }"""
    )
    assert low <= -60


# ---------------------------------------------------------------- pointer and keys


def test_hover_shows_all_arms_at_an_epoch(page):
    box = page.locator(CURVES).bounding_box()
    page.mouse.move(box["x"] + box["width"] - 20, box["y"] + 60)
    assert page.inner_text("#readout p") == "iris, epoch 3"
    assert values(page, "#readout table") == values(page)
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    assert page.inner_text("#readout p") == "iris, epoch 0"
    page.mouse.move(2, 2)
    assert page.locator("#readout").is_hidden()


def test_arrow_keys_show_all_arms_too(page):
    page.locator("#save-csv").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#readout p") == "iris, epoch 2"
    said = page.locator(CURVES).get_attribute("aria-valuetext")
    assert "epoch 2: sigmoid" in said
    page.keyboard.press("End")
    assert page.inner_text("#readout p") == "iris, epoch 3"
    page.keyboard.press("Escape")
    assert page.locator("#readout").is_hidden()


def test_a_click_on_a_point_shows_its_runs_and_on_a_run_its_settings(page):
    choose(page, "stage", "tuning runs (all values)")
    circle = page.locator(f"{ENDS} circle").first
    box = circle.bounding_box()
    page.mouse.click(box["x"] + 3, box["y"] + 3)
    assert rows(page) == 8
    assert "Only the runs of iris" in page.inner_text("#of-point")
    page.locator("#runs tbody button").nth(2).click()
    run = page.locator("#runs tr.chosen button").inner_text()
    assert page.inner_text("#detail code") == f"python -m experiments show {run}"
    facts = dict(zip(
        page.locator("#detail dt").all_inner_texts(), page.locator("#detail dd").all_inner_texts(),
        strict=True,
    ))  # fmt: skip
    assert (facts["dataset"], facts["seed"], facts["epochs"]) == ("iris", "2", "3")
    assert page.locator(f"{CURVES} polyline.own").count() == 1
    page.click("#all-points")
    assert rows(page) == 16
    assert page.locator("#detail").is_hidden()


def test_the_filter_keeps_rows_that_have_all_words(page):
    page.fill("#filter", "tanh ok")
    assert rows(page) == 6
    assert page.inner_text("#count") == "6 of 12 runs"
    page.fill("#filter", "no such run")
    assert rows(page) == 0


def test_the_table_is_sorted_by_a_column_and_the_focus_stays(page):
    head = page.locator("#runs th button")
    place = head.all_inner_texts().index("test cost")

    def costs():
        cells = page.locator(f"#runs tbody td:nth-child({place + 1})").all_inner_texts()
        return [float(text) for text in cells]

    head.nth(place).focus()
    page.keyboard.press("Enter")
    assert costs() == sorted(costs(), reverse=True)
    focused = "document.activeElement.textContent"
    assert page.evaluate(focused) == "test cost ↓"
    page.keyboard.press("Enter")
    assert costs() == sorted(costs())
    assert page.evaluate(focused) == "test cost ↑"


# ---------------------------------------------------------------- address, links, files


def test_the_address_holds_the_state(page, page_file):
    choose(page, "dataset", "wine")
    choose(page, "quantity", "train cost")
    choose(page, "fixed-0", "small")
    choose(page, "ref", "tanh")
    page.locator("#legend input").last.uncheck()
    page.fill("#filter", "sigmoid")
    page.locator("#values button").first.click()
    before, address = drawing(page), page.url
    assert "study=activations&dataset=wine" in address
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("html[data-ready]")
    assert page.url == address
    assert drawing(page) == before


@pytest.mark.parametrize(
    "address",
    ["#study=nothing", "#study=long&dataset=x&quantity=y&at=z", "#%", "#point=tune.999&run=x",
     "#point=nonsense&hide=a&axis.b=c"],
)  # fmt: skip
def test_an_address_that_fits_nothing_shows_what_it_can(page, address):
    at(page, address)
    assert lines(page) == 2


def test_the_report_is_linked_with_the_chapter_of_the_study(page):
    assert page.get_attribute("nav a >> nth=0", "href") == "report.html"
    assert page.get_attribute("#chapter", "href") == "appendix.html#chapter-activations-hidden"


def saved(page, button: str) -> bytes:
    with page.expect_download() as download:
        page.click(button)
    return Path(download.value.path()).read_bytes()


def test_what_is_shown_is_saved_as_csv(page):
    table = list(csv.DictReader(io.StringIO(saved(page, "#save-csv").decode())))
    ends = [row for row in table if row["figure"] == "curves" and row["at"] == "epoch 3"]
    shown = values(page)
    assert {row["arm"] for row in ends} == {"sigmoid", "tanh"}
    for row in ends:
        _, mean, interval, n, _ = shown[row["arm"]]
        assert f"{float(row['mean']):.1f}" == mean
        assert f"[{float(row['low']):.1f}, {float(row['high']):.1f}]" == interval
        assert (row["n"], row["start"], row["dataset"]) == (n, HOSTILE, "iris")


def test_what_is_shown_is_saved_as_svg_and_png(page):
    choose(page, "dataset", "all datasets")
    root = ET.fromstring(saved(page, "#save-svg"))
    texts = " ".join(root.itertext())
    assert {"iris", "wine", "sigmoid", "tanh"} <= set(texts.split())
    assert len(root.findall("{http://www.w3.org/2000/svg}svg")) == 4
    assert saved(page, "#save-png").startswith(b"\x89PNG")


# ---------------------------------------------------------------- names, and no runs


def test_names_are_shown_as_they_are_written(page):
    assert page.inner_text("#question") == HOSTILE
    assert HOSTILE in page.locator("#fixed-0 option").all_inner_texts()
    assert page.locator("img").count() == 0


def test_a_sweep_without_runs(tmp_path, opened):
    empty = {"run_id": [], "study": [], "stage": [], "dataset": [], "labels": []}
    pd.DataFrame(empty, dtype=str).to_parquet(tmp_path / "runs.parquet")
    columns = ["run_id", *METRICS]
    pd.DataFrame({c: pd.Series(dtype=str if c == "run_id" else float) for c in columns}).to_parquet(
        tmp_path / "curves.parquet"
    )
    write_explorer(tmp_path, tmp_path / "explorer.html")
    bare, errors = opened[0].context.new_page(), []
    bare.on("pageerror", lambda error: errors.append(str(error)))
    bare.goto((tmp_path / "explorer.html").as_uri())
    bare.wait_for_selector("html[data-ready]")
    assert "no runs" in bare.inner_text("#count")
    assert errors == []
    bare.close()
