"""What stops a synthesis: a registry that an override or an aspect opens, and two that clash."""

from __future__ import annotations

import inspect
import operator
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

from .. import terraform
from ..arguments.guide import PrivateDnsZone
from ..arguments.problems import ArgumentError, Problem
from ..privacy import rules
from ..privacy.attributes import blocks
from ..privacy.rule import Rule
from .clashes import Clash, clashes
from .combinations import refusals
from .construct_arguments import text
from .known_arguments import Request


@dataclass
class _Synthesis:
    """What the registries of one app share in one synthesis.

    Attributes:
        registries: the registries of the app.
        subscriptions: what the provider of a stack states, by stacks whose provider does.
        changes: the number of changes before it.
        clashes: between the registries.
        validated: the registries that were validated.
        read: the stacks whose JSON was read.
        broken: the rules that resources break: the stack, the resource's path, the rule.
    """

    registries: list[Guarded] = field(default_factory=list)
    subscriptions: dict[str, str] = field(default_factory=dict)
    changes: int = field(default_factory=lambda: Guarded._changes)
    clashes: list[Clash[Guarded]] = field(default_factory=list)
    validated: set[Guarded] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    broken: list[tuple[str, str, Rule]] = field(default_factory=list)

    def read_stack(self, stack: str, json: Mapping[str, Any]) -> None:
        """Find the rules that a stack's JSON breaks, overrides on the stack included."""
        self.read.add(stack)
        self.subscriptions.pop(stack, None)
        for provider in blocks(json.get("provider"), "azurerm"):
            stated = text(provider.get("subscription_id"))
            if stated and not provider.get("alias"):
                self.subscriptions[stack] = stated
        for type, resources in json["resource"].items():
            for attributes in resources.values():
                path = attributes.get("//", {}).get("metadata", {}).get("path", "")
                self.broken += [(stack, path, rule) for rule in rules.broken(type, attributes)]

    def find_clashes(self) -> None:
        """Find what two registries create, in the subscriptions that are known by now."""
        if len(self.registries) > 1:
            requests = {each: each._located_request(self) for each in self.registries}
            self.clashes += clashes(requests)


class JudgedByFile:
    """A stack whose program calls ``judge`` once the stack is written, before anybody uses it.

    A registry in it is no validation: for that, cdktf makes the stack's JSON once more.
    """

    registries: list[Guarded]


class Guarded:
    """A construct that holds what it creates to the rules; it has a node."""

    _changes: ClassVar[int] = 0
    """The number of changes of all registries: after one more, a synthesis looks at them again."""
    _request: Request
    _judged: tuple[Any, ...] = ()
    _synthesis: _Synthesis | None = None
    __signature__: ClassVar[inspect.Signature]
    node: Any

    def __init_subclass__(cls) -> None:
        """Show the arguments of ``__init__`` in ``help()``, which jsii's metaclass hides."""
        signature = inspect.signature(cls.__init__)
        arguments = list(signature.parameters.values())[1:]
        cls.__signature__ = signature.replace(parameters=arguments)

    def _guard(self, scope: object, *resources: object) -> None:
        """Hold resources to the rules, but not data sources or what is given by its id."""
        self._judged = tuple(each for each in resources if terraform.is_resource(each))
        self._accepted: set[str] = set()
        Guarded._changes += 1
        if isinstance(scope, JudgedByFile):
            scope.registries.append(self)
        else:
            self.node.add_validation(self)

    def _extend(
        self, check: Callable[[Request], Iterable[Problem]] = refusals, **changes: Any
    ) -> None:
        """Extend the request, if it then still goes together.

        Args:
            check: finds what is wrong with the extended request: by default, by all rules.
            changes: the parts that it has then.

        Raises:
            ArgumentError: it does not go together.
        """
        request = replace(self._request, **changes)
        refuse(type(self), list(check(request)))
        self._request = request
        Guarded._changes += 1

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
        synthesis = self._synthesis
        if not synthesis or synthesis.changes != Guarded._changes or self in synthesis.validated:
            synthesis = _begin(self.node.root.node.find_all())
        synthesis.validated.add(self)
        if self._stack_name not in synthesis.read:
            synthesis.read_stack(self._stack_name, self._stack.to_terraform())
        return list(self._reasons(synthesis))

    def _reasons(self, synthesis: _Synthesis) -> Iterator[str]:
        yield from self._broken_rules(synthesis)
        yield from self._refusals(synthesis)
        yield from self._clashes(synthesis)

    def _broken_rules(self, synthesis: _Synthesis) -> Iterator[str]:
        """The rules that the resources of the construct break in the stack's JSON."""
        for stack, known_path, rule in synthesis.broken:
            # A resource that has no path was added by an override: it may belong to any registry.
            path = known_path or f"{self._path}/{rule.type}"
            is_ours = stack == self._stack_name and path.startswith(f"{self._path}/")
            if is_ours and rule.attribute not in self._accepted:
                yield (
                    f"[{path}] {rule.title} ({rule.attribute}). "
                    f"{rule.remedy} If it has to be so, give the reason: "
                    f"accept({rule.attribute!r}, reason)"
                )

    def _refusals(self, synthesis: _Synthesis) -> Iterator[str]:
        """What is wrong only in the subscription that the stack's provider names."""
        request = self._located_request(synthesis)
        if request is not self._request:
            for problem in refusals(request):
                yield f"[{self._path}] {problem}"

    def _clashes(self, synthesis: _Synthesis) -> Iterator[str]:
        for clash in synthesis.clashes:
            if self in (clash.name, clash.first):
                key = ".".join(clash.claim.key)
                yield (
                    f"[{clash.name._path}] {key} is {clash.claim.value!r}: {clash.claim.reason}, "
                    f"and [{clash.first._path}] has it already"
                )

    def _located_request(self, synthesis: _Synthesis) -> Request:
        """The request, in the subscription that the stack's provider names, if it names one."""
        known = synthesis.subscriptions
        if not known or not (stated := known.get(self._stack_name)):
            return self._request
        network = replace(self._request.virtual_network, subscription_id=stated)
        return replace(self._request, subscription_id=stated, virtual_network=network)

    @cached_property
    def _path(self) -> str:
        return str(self.node.path)

    @cached_property
    def _stack(self) -> Any:
        return self._judged[-1].cdktf_stack

    @cached_property
    def _stack_name(self) -> str:
        return _one_text(self._stack)


def judge(written: Iterable[tuple[JudgedByFile, Mapping[str, Any]]]) -> list[str]:
    """The reasons why the stacks of an app must not be used as they are; none, as a rule.

    Args:
        written: each stack, with what was written of it.
    """
    synthesis = _Synthesis()
    for stack, json in written:
        synthesis.read_stack(_one_text(stack), json)
        synthesis.registries += stack.registries
    synthesis.find_clashes()
    reasons = (reason for each in synthesis.registries for reason in each._reasons(synthesis))
    return list(dict.fromkeys(reasons))  # two registries that clash give the same reason


def _begin(constructs: Iterable[Any]) -> _Synthesis:
    """Begin a synthesis of the registries of an app, which are found among all its constructs."""
    synthesis = _Synthesis()
    for each in constructs:
        if isinstance(each, Guarded) and each._judged:
            synthesis.registries.append(each)
            each._synthesis = synthesis
        elif type(each).__name__ == "AzurermProvider":
            stated = text(each.subscription_id_input)
            if stated and each.alias is None:
                synthesis.subscriptions[_one_text(each.cdktf_stack)] = stated
    synthesis.find_clashes()
    return synthesis


def _one_text(construct: Any) -> str:
    """A text that stands for one construct, whatever object of Python shows it."""
    return str(operator.attrgetter("__jsii_ref__.ref")(construct))


def warn(construct: Any, request: Request) -> None:
    """Warn of what Azure does not do, although it takes the arguments."""
    for reason in _warnings(request):
        warnings.warn(f"[{construct.node.path}] {reason}", stacklevel=3)


def _warnings(request: Request) -> Iterator[str]:
    """Common tags that private DNS does not take, and a connection that the policy does not see."""
    if left_off := sorted(set(request.tags) - set(request.private_dns_tags or {})):
        yield (
            "tags left off the private DNS zone and its links, where Azure keeps none with a space "
            f"or a colon in the name: {', '.join(left_off)}"
        )
    is_requested = request.private_endpoint.request_message is not None
    if is_requested and request.private_dns_zone is PrivateDnsZone.MANAGED_BY_POLICY:
        yield (
            "no DNS record may follow: Azure's built-in policy does not see an endpoint whose "
            "connection the registry's owner has to approve (request_message), and attaches no "
            "zone to it; give the zone's id as private_dns_zone, unless a policy of your own "
            "attaches it"
        )


def warn_of_late_reads(construct: Any, request: Request, **given: Any) -> None:
    """Warn of data sources that Terraform reads only during an apply, and what it then replaces."""
    endpoint, location = "the private endpoint", request.private_endpoint.location
    replaced = {
        "virtual_network": [
            *([] if location else [f"{endpoint} (NewPrivateEndpoint(location=…) keeps it)"]),
            *(["the virtual network link"] if request.link else []),
        ],
        "endpoint_subnet": [endpoint],
        "container_registry": [f"{endpoint}, with cache rules and a lock"],
    }
    for name, resources in replaced.items():
        source = given[name]
        if terraform.is_resource(source) or not getattr(source, "depends_on", None):
            continue
        path = construct.node.path
        if resources and path.startswith(f"{source.cdktf_stack.node.path}/"):
            warnings.warn(
                f"[{path}] {name} is a data source with depends_on: whenever "
                "something that it depends on changes, Terraform reads it only during the apply, "
                f"and replaces {' and '.join(resources)}. Pulls fail meanwhile: remove depends_on",
                stacklevel=3,
            )


def refuse(what: type, problems: list[Problem]) -> None:
    """Stop, if there are problems.

    Raises:
        ArgumentError: with all of them.
    """
    if problems:
        raise ArgumentError(what.__name__, problems)
