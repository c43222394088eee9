from . import claims as claims
from . import mechanics as mechanics
from . import over as over
from . import scope as scope
from . import speed as speed
from . import steps as steps
from . import verdicts as verdicts
from . import words as words
from .baselines import BASELINES as BASELINES
from .baselines import beside as beside
from .claims import NOT_JUDGED as NOT_JUDGED
from .claims import PROBES as PROBES
from .claims import SAYS as SAYS
from .claims import claim_counts as claim_counts
from .claims import equation_counts as equation_counts
from .claims import program_counts as program_counts
from .equations import failing as failing
from .equations import formula as formula
from .equations import holds as holds
from .equations import reason as reason
from .over import Finding as Finding
from .over import Row as Row
from .over import group_of as group_of
from .over import human as human
from .words import axis_name as axis_name
from .words import having as having
from .words import is_confirmed as is_confirmed
from .words import place_of as place_of
from .words import true_minus as true_minus
from .words import with_minus as with_minus

__all__ = [
    "BASELINES",
    "NOT_JUDGED",
    "PROBES",
    "SAYS",
    "Finding",
    "Row",
    "axis_name",
    "beside",
    "claim_counts",
    "claims",
    "equation_counts",
    "failing",
    "formula",
    "group_of",
    "having",
    "holds",
    "human",
    "is_confirmed",
    "mechanics",
    "over",
    "place_of",
    "program_counts",
    "reason",
    "scope",
    "speed",
    "steps",
    "true_minus",
    "verdicts",
    "with_minus",
    "words",
]
