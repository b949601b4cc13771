"""Terraform's expressions, read: the value of one that is stated, or its text where it is not."""

from .evaluation import MISSING, REFERENCE, Steps, evaluate
from .values import Expression

__all__ = ["MISSING", "REFERENCE", "Expression", "Steps", "evaluate"]
