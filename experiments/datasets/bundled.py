"""The small real datasets that scikit-learn carries."""

import numpy as np

from experiments.datasets.source import DATASETS, Shape, Source


class Bundled(Source):
    """A dataset that scikit-learn reads from its own files."""

    licence = "CC BY 4.0"
    facts: Shape

    def shape(self, options):
        return self.facts

    def load(self, options):
        from sklearn import datasets

        bunch = getattr(datasets, f"load_{self.name}")()
        return {"X": bunch.data.astype(np.float64), "y": bunch.target.astype(np.int64)}


@DATASETS.register("digits")
class Digits(Bundled):
    """Handwritten digits, 8 x 8 pixels."""

    description = "handwritten digits, 8 x 8 pixels, ten classes"
    citation = "E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998 (test part)"
    facts = Shape(1797, 64, 10)


@DATASETS.register("breast_cancer")
class BreastCancer(Bundled):
    """Cell nuclei of breast tumours, two classes."""

    description = "30 measures of cell nuclei; malignant or benign"
    citation = "W. Wolberg, O. Mangasarian and W. Street, UCI Machine Learning Repository, 1995"
    facts = Shape(569, 30, 2)


@DATASETS.register("wine")
class Wine(Bundled):
    """Chemical analysis of wines from three cultivars."""

    description = "13 chemical measures of wines from three cultivars"
    citation = "S. Aeberhard and M. Forina, UCI Machine Learning Repository, 1991"
    facts = Shape(178, 13, 3)


@DATASETS.register("iris")
class Iris(Bundled):
    """Fisher's irises."""

    description = "four measures of flowers of three species"
    citation = "R. A. Fisher, Annals of Eugenics 7, 1936; UCI Machine Learning Repository"
    facts = Shape(150, 4, 3)
