"""What stops a synthesis: a registry that an override or an aspect opens, and two that clash."""

from __future__ import annotations

import inspect
import operator
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

from .. import terraform
from ..arguments.problems import ArgumentError, Problem
from ..privacy import rules
from .clashes import Clash, clashes
from .combinations import refusals
from .construct_arguments import text
from .known_arguments import Request


@dataclass
class _App:
    """The registries of one app, and what their validations share.

    Attributes:
        registries: the registries.
        clashes: their clashes, once a registry was validated.
        written: the resources of each stack, and the registries that have read them. A registry
            that reads them again belongs to another synthesis, for which they are asked again.
    """

    registries: list[Guarded] = field(default_factory=list)
    clashes: list[Clash] | None = None
    written: dict[str, tuple[Any, set[str]]] = field(default_factory=dict)


class Guarded:
    """A construct that holds what it creates to the rules; it has a node."""

    _apps: ClassVar[dict[str, _App]] = {}
    _request: Request
    __signature__: ClassVar[inspect.Signature]
    node: Any

    def __init_subclass__(cls) -> None:
        """Show the arguments of ``__init__`` in ``help()``, which jsii's metaclass hides."""
        signature = inspect.signature(cls.__init__)
        arguments = list(signature.parameters.values())[1:]
        cls.__signature__ = signature.replace(parameters=arguments)

    def _guard(self, *resources: object) -> None:
        """Hold resources to the rules, but not data sources or what is given by its id."""
        node = self.node
        app = _one_text(node.root)
        self._path: str = node.path
        self._judged: list[Any] = [each for each in resources if terraform.is_resource(each)]
        self._accepted: set[str] = set()
        self._app = self._apps.setdefault(app, _App())
        self._app.registries.append(self)
        self._app.clashes = None
        self._app.written.clear()
        node.add_validation(self)

    def _extend(self, **changes: Any) -> None:
        """Extend the request, if it then still goes together.

        Raises:
            ArgumentError: it does not.
        """
        request = replace(self._request, **changes)
        before = refusals(self._request)
        refuse(type(self), [each for each in refusals(request) if each not in before])
        self._request = request
        self._app.clashes = None

    def _once(self, method: str, added: object) -> None:
        """Let a method be called once.

        Raises:
            ArgumentError: it was called before.
        """
        if added:
            reason = "it is called once for a registry, which can have one of these"
            refuse(type(self), [Problem((method,), "called again", reason)])

    def accept(self, attribute: str, reason: str) -> None:
        """Let one attribute of the registry, its endpoint or its zone break a rule of privacy.

        Without it, a synthesis stops when an override or an aspect breaks one: the rules are those
        of the review. The reason is kept in the JSON beside the attribute, for its reviewer.

        Args:
            attribute: as the rule's message names it, such as ``public_network_access_enabled``.
            reason: why it has to be so. With a date, as in ``until 2027-06-03``, the review
                does not count it after that day.

        Raises:
            ArgumentError: a synthesis requires nothing of the attribute.
        """
        required = {(rule.type, rule.attribute) for rule in rules.RULES if rule.required}
        resources = [
            each for each in self._judged if (each.terraform_resource_type, attribute) in required
        ]
        if not resources:
            known = ", ".join(sorted({name for _, name in required}))
            refuse(type(self), [Problem(("attribute",), attribute, f"one of {known} is expected")])
        self._accepted.add(attribute)
        for resource in resources:
            resource.add_override(f"//.accepted.{attribute}", reason)

    def validate(self) -> list[str]:
        """The reasons why the construct must not be synthesized; none, as a rule."""
        return [*self._broken_rules(), *self._refusals(), *self._clashes()]

    def _broken_rules(self) -> Iterator[str]:
        """The rules that the stack's JSON breaks, overrides on the stack included."""
        for type, resources in self._written().items():
            for attributes in resources.values():
                metadata = attributes.get("//", {}).get("metadata", {})
                path = metadata.get("path", f"{self._path}/{type}")
                if not path.startswith(f"{self._path}/"):
                    continue
                for rule in rules.broken(type, attributes):
                    if rule.attribute not in self._accepted:
                        yield (
                            f"[{path}] {rule.title} ({rule.attribute}). "
                            f"{rule.remedy} If it has to be so, give the reason: "
                            f"accept({rule.attribute!r}, reason)"
                        )

    def _written(self) -> dict[str, Any]:
        """The resources of the construct's stack, as a synthesis writes them."""
        stack = _one_text(self._stack)
        resources, readers = self._app.written.get(stack, (None, {self._path}))
        if self._path in readers:
            resources, readers = self._stack.to_terraform()["resource"], set()
            self._app.written[stack] = (resources, readers)
        readers.add(self._path)
        return dict(resources)

    def _refusals(self) -> Iterator[str]:
        """What is wrong only in the subscription that the stack's provider names."""
        before = refusals(self._request)
        for problem in refusals(self._located_request):
            if problem not in before:
                yield f"[{self._path}] {problem}"

    def _clashes(self) -> Iterator[str]:
        if self._app.clashes is None:
            several = self._app.registries if len(self._app.registries) > 1 else []
            requests = {each._path: each._located_request for each in several}
            self._app.clashes = list(clashes(requests))
        for clash in self._app.clashes:
            if self._path in (clash.name, clash.first):
                key = ".".join(clash.claim.key)
                yield (
                    f"[{clash.name}] {key} is {clash.claim.value!r}: {clash.claim.reason}, and "
                    f"[{clash.first}] has it already"
                )

    @property
    def _located_request(self) -> Request:
        """The request, in the subscription that the stack's provider names, if it names one."""
        subscription = self._subscription_id
        network = replace(self._request.virtual_network, subscription_id=subscription)
        return replace(self._request, subscription_id=subscription, virtual_network=network)

    @cached_property
    def _subscription_id(self) -> str:
        for each in self._stack.node.find_all():
            if type(each).__name__ == "AzurermProvider" and each.alias is None:
                return text(each.subscription_id_input)
        return ""

    @cached_property
    def _stack(self) -> Any:
        return self._judged[-1].cdktf_stack


def _one_text(construct: Any) -> str:
    """A text that stands for one construct, whatever object of Python shows it."""
    return str(operator.attrgetter("__jsii_ref__.ref")(construct))


def warn_of_tags(construct: Any, request: Request) -> None:
    """Warn of common tags that private DNS does not take."""
    if left_off := sorted(set(request.tags) - set(request.private_dns_tags or {})):
        warnings.warn(
            f"[{construct.node.path}] tags left off the private DNS zone and its links, where "
            f"Azure keeps none with a space or a colon in the name: {', '.join(left_off)}",
            stacklevel=3,
        )


def refuse(what: type, problems: list[Problem]) -> None:
    """Stop, if there are problems.

    Raises:
        ArgumentError: with all of them.
    """
    if problems:
        raise ArgumentError(what.__name__, problems)
