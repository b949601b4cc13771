"""A resource that exists already and is given by its id."""

from __future__ import annotations

from dataclasses import dataclass

from .. import terraform


@dataclass(frozen=True)
class Existing:
    """A resource that exists already, in this subscription or another one, known by its id.

    Attributes:
        id: its id in Azure, which may be a token.
    """

    id: str

    @property
    def name(self) -> str:
        """The last segment of its id."""
        return self._segment(8)

    @property
    def resource_group_name(self) -> str:
        """The resource group in its id."""
        return self._segment(4)

    def _segment(self, number: int) -> str:
        """By Terraform, where the id is known only to it."""
        if terraform.is_known(self.id):
            return self.id.split("/")[number]
        return terraform.segment(self.id, number)
