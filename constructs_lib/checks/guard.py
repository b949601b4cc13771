"""What stops a synthesis: a registry that an override or an aspect opens, and two that clash."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

from .. import terraform
from ..arguments.additions import NewCacheRule, NewCredentialSet
from ..arguments.problems import ArgumentError, Problem
from ..privacy import rules
from ..privacy.attributes import blocks, value
from ..privacy.rule import Rule
from ..stack_json import StackJson
from .beside import by_azapi, namesakes
from .clashes import Clash, clashes
from .combinations import refusals
from .construct_arguments import text
from .known_arguments import RegistryRequest
from .pulls import CacheRules, refusals_of_the_last


@dataclass
class Registries:
    """What the registries of one app share.

    Attributes:
        guards: a guard for each registry.
        synthesis: the last synthesis that asked, unless a registry was changed after it.
    """

    guards: list[Guard] = field(default_factory=list)
    synthesis: _Synthesis | None = None


@dataclass
class _Synthesis:
    """What is found in one synthesis of an app.

    Attributes:
        guards: of the registries of the app.
        subscriptions: what the provider of a stack states, by stacks whose provider does.
        clashes: between the registries.
        validated: the registries that were validated.
        read: the stacks whose JSON was read.
        broken: the rules that resources break: stack, path and address of the resource, rule.
        namesakes: the registries of one name in a stack, by the address of each of them.
        by_azapi: the resources of azapi in a stack that change a registry.
    """

    guards: list[Guard] = field(default_factory=list)
    subscriptions: dict[str, str] = field(default_factory=dict)
    clashes: list[Clash[Guard]] = field(default_factory=list)
    validated: set[Guard] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    broken: list[tuple[str, str, str, Rule]] = field(default_factory=list)
    namesakes: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    by_azapi: dict[str, list[str]] = field(default_factory=dict)

    def read_stack(self, stack: str, json: Mapping[str, Any]) -> None:
        """Find the rules that a stack's JSON breaks, overrides on the stack included."""
        self.read.add(stack)
        self.subscriptions.pop(stack, None)
        for provider in blocks(json.get("provider"), "azurerm"):
            stated = text(provider.get("subscription_id"))
            if stated and not provider.get("alias"):
                self.subscriptions[stack] = stated
        written = StackJson(json)
        for address, attributes in written.named("resource").items():
            path = value("", attributes, "//.metadata.path") or ""
            for rule in rules.broken(address.partition(".")[0], attributes):
                self.broken.append((stack, str(path), address, rule))
        if found := namesakes(written):  # nothing is kept where nobody has to ask for it
            self.namesakes[stack] = found
        if changed := list(by_azapi(written)):
            self.by_azapi[stack] = changed

    def find_clashes(self) -> None:
        """Find what two registries create, in the subscriptions that are known by now."""
        if len(self.guards) > 1:
            requests = {each: each.located_request(self.subscriptions) for each in self.guards}
            self.clashes += clashes(requests)


class JudgedByFile:
    """A stack whose program calls ``judge`` once the stack is written, before anybody uses it.

    A registry in it does not validate itself: for that, cdktf would make the stack's JSON again.
    """

    registries: Registries


def _registries_of_app(app: Any, create: Callable[[Any, str], Any]) -> Registries:
    """What the registries of an app share: an attribute of a child of the app.

    jsii may show the app itself as another object each time.
    """
    id = "private_container_registries"
    child = app.node.try_find_child(id) or create(app, id)
    registries: Registries = vars(child).setdefault("registries", Registries())
    return registries


class Guard:
    """Holds what one construct creates to the rules."""

    def __init__(
        self,
        construct: Any,
        scope: object,
        request: RegistryRequest,
        create: Callable[[Any, str], Any],
    ) -> None:
        """Guard a construct that has its resources.

        Data sources, and what is given by its id, are held to no rule.

        Args:
            construct: the construct.
            scope: the construct that it is in.
            request: its arguments.
            create: creates a construct that does nothing.
        """
        parts = (construct.container_registry, construct.private_dns_zone)
        resources = (*parts, construct.private_endpoint)
        self._construct = construct
        self._resources: list[Any] = [each for each in resources if terraform.is_resource(each)]
        self._accepted: set[str] = set()
        self._cache_rules = CacheRules()
        self.request = request
        if isinstance(scope, JudgedByFile):
            self._registries = scope.registries
        else:
            self._registries = _registries_of_app(construct.node.root, create)
            construct.node.add_validation(construct)
        self._registries.guards.append(self)
        self._registries.synthesis = None

    def extend(
        self, check: Callable[[RegistryRequest], Iterable[Problem]] = refusals, **changes: Any
    ) -> None:
        """Extend the request, if it then still goes together.

        Args:
            check: finds what is wrong with the extended request: by default, by all rules.
            changes: the parts that it has then.

        Raises:
            ArgumentError: it does not go together.
        """
        request = replace(self.request, **changes)
        self.refuse(list(check(request)))
        self.request = request
        self._registries.synthesis = None

    def extend_cache_rules(self, rule: NewCacheRule, login: NewCredentialSet | None = None) -> None:
        """Extend the cache rules, of which the earlier ones are not checked again.

        Args:
            rule: the rule.
            login: what the rule's ``credential_set_id`` refers to, if the construct created it.

        Raises:
            ArgumentError: Azure refuses the rule, or refuses it beside another one.
        """
        check = partial(refusals_of_the_last, before=self._cache_rules, login=login)
        self.extend(check, cache_rules=[*self.request.cache_rules, rule])
        self._cache_rules.add(rule)

    def once(self, method: str, added: object) -> None:
        """Let a method be called once.

        Raises:
            ArgumentError: it was called before.
        """
        if added:
            reason = "it is called once for a registry, which can have one of these"
            self.refuse([Problem((method,), "called again", reason)])

    def refuse(self, problems: list[Problem]) -> None:
        """Refuse an addition, if there are problems.

        Raises:
            ArgumentError: with all of them.
        """
        if problems:
            raise ArgumentError(type(self._construct).__name__, problems)

    def accept_risk(self, attribute: str, reason: str) -> None:
        """Let one attribute of what is guarded break a rule, and keep the reason in the JSON.

        Raises:
            ArgumentError: a synthesis requires nothing of the attribute.
        """
        required = {(rule.type, rule.attribute) for rule in rules.RULES if rule.required}
        resources = [
            each
            for each in self._resources
            if (each.terraform_resource_type, attribute) in required
        ]
        if not resources:
            known = ", ".join(sorted({name for _, name in required}))
            self.refuse([Problem(("attribute",), attribute, f"one of {known} is expected")])
        if not reason.strip():
            self.refuse([Problem(("reason",), reason, "say why it has to be so")])
        self._accepted.add(attribute)
        for resource in resources:
            resource.add_override(f"//.accepted.{attribute}", reason)

    def validate(self) -> list[str]:
        """The reasons why the construct must not be synthesized; none, as a rule."""
        synthesis = self._registries.synthesis
        if not synthesis or self in synthesis.validated:
            constructs = self._construct.node.root.node.find_all()
            synthesis = self._registries.synthesis = _begin(self._registries, constructs)
        synthesis.validated.add(self)
        if self._stack_ref not in synthesis.read:
            synthesis.read_stack(self._stack_ref, self._stack.to_terraform())
        return list(self.reasons(synthesis))

    def reasons(self, synthesis: _Synthesis) -> Iterator[str]:
        """The reasons that a synthesis has found."""
        yield from self._broken_rules(synthesis)
        yield from self._others(synthesis)
        yield from self._refusals(synthesis)
        yield from self._clashes(synthesis)

    def _broken_rules(self, synthesis: _Synthesis) -> Iterator[str]:
        """The rules that the resources of the construct break in the stack's JSON."""
        for stack, known_path, address, rule in synthesis.broken:
            # A resource that has no path was added by an override: it may belong to any registry.
            path = known_path or f"{self._path}/{rule.type}"
            # What is written at an address of the construct is its own, whoever has a part in it.
            is_ours = path.startswith(f"{self._path}/") or address in self._addresses
            if stack == self._stack_ref and is_ours and rule.attribute not in self._accepted:
                yield (
                    f"[{path}] {rule.title} ({rule.attribute}). "
                    f"{rule.remedy} If it has to be so, give the reason: "
                    f"accept_risk({rule.attribute!r}, reason)"
                )

    def _others(self, synthesis: _Synthesis) -> Iterator[str]:
        """What changes the registry in Terraform's state, and is not of the construct."""
        here = self._stack_ref if synthesis.namesakes or synthesis.by_azapi else ""
        for namesake, others in synthesis.namesakes.get(here, {}).items():
            if others and namesake in self._addresses:
                yield (
                    f"[{self._path}] {', '.join(others)} has the registry's name: Terraform would "
                    "create or change one registry twice. Take it out, or give it another name"
                )
        for address in synthesis.by_azapi.get(here, []):
            yield (
                f"[{self._path}] {address} changes a registry, or the way to one, past azurerm and "
                "every rule: take it out, and give the construct what it sets"
            )

    def _refusals(self, synthesis: _Synthesis) -> Iterator[str]:
        """What is wrong only in the subscription that the stack's provider names."""
        request = self.located_request(synthesis.subscriptions)
        if request is not self.request:
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

    def located_request(self, subscriptions: Mapping[str, str]) -> RegistryRequest:
        """The request, in the subscription that the stack's provider names, if it names one."""
        if not subscriptions or not (stated := subscriptions.get(self._stack_ref)):
            return self.request
        network = replace(self.request.virtual_network, subscription_id=stated)
        return replace(self.request, subscription_id=stated, virtual_network=network)

    @cached_property
    def _path(self) -> str:
        return str(self._construct.node.path)

    @cached_property
    def _addresses(self) -> set[str]:
        return {terraform.reference(each) for each in self._resources}

    @cached_property
    def _stack(self) -> Any:
        return self._resources[-1].cdktf_stack

    @cached_property
    def _stack_ref(self) -> str:
        return _jsii_ref(self._stack)


def judge(written: Iterable[tuple[JudgedByFile, Mapping[str, Any]]]) -> list[str]:
    """The reasons why the stacks of an app must not be used as they are; none, as a rule.

    Args:
        written: each stack, with what was written of it.
    """
    synthesis = _Synthesis()
    for stack, json in written:
        synthesis.read_stack(_jsii_ref(stack), json)
        synthesis.guards += stack.registries.guards
    synthesis.find_clashes()
    reasons = (reason for each in synthesis.guards for reason in each.reasons(synthesis))
    return list(dict.fromkeys(reasons))  # two registries that clash give the same reason


def _begin(registries: Registries, constructs: Iterable[Any]) -> _Synthesis:
    """Begin a synthesis of an app, among whose constructs the providers of its stacks are found."""
    constructs = list(constructs)
    present = {_jsii_ref(each) for each in constructs}  # a construct may have been removed
    guards = [each for each in registries.guards if _jsii_ref(each._construct) in present]
    synthesis = _Synthesis(guards)
    for each in constructs:
        if type(each).__name__ == "AzurermProvider":
            stated = text(each.subscription_id_input)
            if stated and each.alias is None:
                synthesis.subscriptions[_jsii_ref(each.cdktf_stack)] = stated
    synthesis.find_clashes()
    return synthesis


def _jsii_ref(construct: Any) -> str:
    """What jsii calls a construct, which may be several objects of Python."""
    return str(operator.attrgetter("__jsii_ref__.ref")(construct))
