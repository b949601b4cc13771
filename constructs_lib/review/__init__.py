"""The review: what a change does to the registries' privacy and images, before anybody applies it.

``python -m constructs_lib.review`` is the command.
"""
