"""Pages of odd sweeps: no nan, no name twice, no link to nowhere, and the true reason for a gap."""

import html
import re

import pytest

from tests.pages import APPENDIX, MAIN, page_of, results_of

BASE = {"layers": [4], "epochs": 2}
GRID = {"hidden": ["sigmoid", "tanh", "relu"], "eta": [0.1, 1.0]}
STUDY = {"datasets": ["iris", "wine"], "base": BASE, "grid": GRID, "compare": "hidden"}
TUNED = {**STUDY, "tune": "eta"}
COMMON = {"seeds": 6, "confirm": {"splits": 3, "seeds": 1}}
HUGE = {"hidden": ["relu", "identity"], "eta": [1e200, 1e300]}
ENERGIES = {"source": "ising1d", "options": {"samples": 100, "L": 6}}

SWEEPS = {
    "plain": {"seeds": 6, "studies": {"s": {**STUDY, "datasets": ["iris"], "grid": {
        "hidden": ["tanh", "relu"]}}}},
    "one_arm": {**COMMON, "studies": {"s": {**TUNED, "grid": {**GRID, "hidden": ["tanh"]}}}},
    "mixed": {
        **COMMON,
        "headline": [{"study": s, "a": "relu", "b": "tanh"} for s in ("s", "t")],
        "studies": {"s": {**TUNED, "pairs": [["relu", "tanh"]]}, "t": {
            **TUNED, "datasets": ["iris"], "pairs": [["relu", "tanh"]], "confirm": "none"}},
    },
    "diverged": {
        **COMMON,
        "headline": [{"study": "s", "a": "relu", "b": "identity"}],
        "studies": {
            "s": {**TUNED, "base": {**BASE, "layers": [4, 4]}, "grid": HUGE},
            "t": {**STUDY, "base": {**BASE, "layers": [4, 4]}, "datasets": ["iris"],
                  "grid": {"hidden": HUGE["hidden"], "eta": HUGE["eta"][:1]}},
        },
    },
    "excluded": {
        **COMMON,
        "headline": [{"study": "s", "a": a, "b": "tanh"} for a in ("relu", "sigmoid")],
        "studies": {"s": {**TUNED, "exclude": [
            {"dataset": "wine", "hidden": "relu"}, {"dataset": "iris", "hidden": "tanh"}]}},
    },
    "regression": {
        **COMMON,
        "datasets": {"ring": ENERGIES},
        "headline": [{"study": "s", "a": "relu", "b": "tanh"}],
        "studies": {"s": {**TUNED, "datasets": ["ring"], "grid": {**GRID, "eta": [0.001, 0.01]},
                          "base": {**BASE, "cost": "mse", "output": "identity"}}},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Return a function from the name of a sweep to its folder of results."""
    made = {}

    def folder(name):
        if name not in made:
            made[name] = results_of(tmp_path_factory.mktemp(name), SWEEPS[name]).results
        return made[name]

    return folder


def pages_of(folder):
    return {"report.html": page_of(folder, MAIN), "appendix.html": page_of(folder, APPENDIX)}


def without_code(text: str) -> str:
    return re.sub(r"<(script|style|code)\b.*?</\1>", " ", text, flags=re.S)


def words_of(text: str) -> str:
    """Return what a page says, with what stands for its pictures."""
    main = without_code(text[text.index("<main>") :])
    said = re.sub(r"<[^>]*>", " ", main) + " ".join(re.findall(r'(?:alt|aria-label)="(.*?)"', main))
    return " ".join(html.unescape(said).split())


def faults(pages: dict[str, str]) -> list[str]:
    """Return what no page may have: nan, None, a name twice, a link to nowhere."""
    found, names = [], {}
    for page, text in pages.items():
        ids = re.findall(r'\sid="([^"]*)"', without_code(text))
        names[page] = {*ids}
        found += [f"{page}: id {name} twice" for name in {*ids} if ids.count(name) > 1]
        odd = r".{40}(?:\b(?:nan|NaN|None\b(?! of)|inf|bes)\b|\bof 0 of\b|(?<![\d.])0 of 0\b).{20}"
        found += [f"{page}: {match}" for match in re.findall(odd, words_of(text))]
    for page, text in pages.items():
        for link in re.findall(r'href="([^"]*#[^"]+)"', without_code(text)):
            other, _, name = html.unescape(link).partition("#")
            if (other or page) in names and name not in names[other or page]:
                found.append(f"{page}: {link} leads nowhere")
    return found


@pytest.mark.parametrize("name", SWEEPS)
def test_a_page_has_no_nan_no_name_twice_and_no_link_to_nowhere(folders, name):
    assert faults(pages_of(folders(name))) == []


def test_the_faults_are_found():
    page = '<main><p id="a">nan</p><p id="a">' + "x" * 40 + " nan " + "x" * 20 + '</p><a href="#b">'
    assert len(faults({"report.html": page})) == 3
