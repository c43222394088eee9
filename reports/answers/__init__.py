"""The main page of the report: the questions, each with an answer, a figure and a short table.

All else, every table and figure of every comparison, is on the page for referees, whose chapters
are in `reports.chapters`. The questions are the config's `chapters`; a module of this package is a
section of the page.
"""

from reports.answers.asked import Asked, asked
from reports.answers.opening import opening
from reports.answers.question import section
from reports.answers.trust import trust
from reports.answers.work import again, glossary

__all__ = ["Asked", "again", "asked", "glossary", "opening", "section", "trust"]
