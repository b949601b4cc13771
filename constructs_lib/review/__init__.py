"""The review: what a change means for the registries' privacy and images, before it is applied.

``python -m constructs_lib.review`` is the command.
"""
