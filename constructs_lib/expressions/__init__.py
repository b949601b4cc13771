"""Terraform's expressions, read: the value of one that is stated, or its text where it is not."""

from .evaluation import MISSING, REFERENCE, Steps, evaluate
from .functions import converted
from .values import Expression, Set, number
from .values import path as path_of

__all__ = [
    "MISSING",
    "REFERENCE",
    "Expression",
    "Set",
    "Steps",
    "converted",
    "evaluate",
    "number",
    "path_of",
]
