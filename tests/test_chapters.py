"""The chapters of a config: each shows what it names, once, under a heading that can be read."""

import pytest

from experiments.base import ConfigError
from experiments.schema import chapters_of, validate

STUDY = {
    "datasets": ["iris"],
    "grid": {"hidden": ["relu", "tanh"], "init": ["large", "fan_in"]},
    "compare": ["hidden", "init"],
}
LONE = {"datasets": ["iris"], "grid": {"hidden": ["relu", "tanh"]}}


def config(*chapters, **studies):
    studies = {"s": STUDY, "lone": LONE, **studies}
    return validate({"studies": studies, "chapters": list(chapters)})


def chapter(*comparisons, question="Which?", parts=()):
    return {"question": question, "comparisons": list(comparisons), "parts": list(parts)}


def test_a_study_stands_for_all_its_axes():
    both, one = chapter("s"), chapter("s-init")
    assert [c.name for _, found in chapters_of(config(both)) for c in found] == [
        "s-hidden",
        "s-init",
    ]
    assert [c.name for _, found in chapters_of(config(one)) for c in found] == ["s-init"]


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("", r"expected a text that is not empty"),
        (" ", r"on one line that is not blank, found ' '"),
        ("Which\nis best?", r"on one line"),
        ("Which\u200b?", r"expected printable characters only, found 'Which\\u200b"),
        ("x" * 301, r"at most 300 characters"),
    ],
)
def test_a_question_is_a_line_that_can_be_read(question, message):
    with pytest.raises(ConfigError, match=rf"^chapters\[0\]\.question: .*{message}"):
        config(chapter("s", question=question))


def test_blanks_of_a_question_are_single():
    """YAML's `>` leaves a line end after a text, and people type two blanks."""
    (found,) = config(chapter("s", question="Which  is best?\n")).chapters
    assert found.question == "Which is best?"


def test_texts_of_a_study_can_be_read_and_head_a_chapter():
    question = "Which is best,\n\nand why?\n"
    found = config(own={**LONE, "compare": "hidden", "question": question})
    questions = [one.question for one, _ in chapters_of(found)]
    assert questions[-1] == "Which is best, and why?"
    assert questions[:2] == ["s (hidden)", "s (init)"]
    with pytest.raises(ConfigError, match=r"^studies\.s\.title: expected printable"):
        config(s={**STUDY, "title": "a\u200bb"})


@pytest.mark.parametrize(
    ("chapters", "message"),
    [
        ([chapter("s", "s")], r"comparisons\[1\]: 's-hidden' is in .*\[0\] already"),
        (
            [chapter("s-init", "s")],
            r"comparisons\[1\]: 's-init' is in chapters\[0\]",
        ),
        ([chapter("s"), chapter("s-init")], r"chapters\[1\]\.comparisons\[0\]: 's-init' is in"),
        ([chapter(parts=["path", "path"])], r"chapters\[0\]\.parts\[1\]: 'path' is in chapters"),
        (
            [chapter(parts=["path"])] * 2,
            r"chapters\[1\]\.parts\[0\]: 'path' is in chapters\[0\]",
        ),
        ([chapter("lone")], r"the study 'lone' compares nothing: expected the key 'compare' in it"),
        ([chapter("t")], r"'t' is not a study or STUDY-AXIS; known: s, s-hidden, s-init"),
        ([chapter()], r"nothing answers the question: .* such as \[s\]"),
    ],
)
def test_a_wrong_chapter_is_refused_with_its_place(chapters, message):
    with pytest.raises(ConfigError, match=message):
        config(*chapters)


def test_without_a_comparison_no_list_is_empty():
    with pytest.raises(ConfigError, match=r"'x' is not a study or STUDY-AXIS; there is none$"):
        validate({"studies": {"lone": LONE}, "chapters": [chapter("x")]})


def test_a_study_is_not_called_like_an_axis_of_another():
    with pytest.raises(ConfigError, match=r"^studies\.s-hidden: .*of the study 's' .*: rename"):
        config(**{"s-hidden": {**LONE, "compare": "hidden"}})
