"""What changes mean: each is compared with the rules and with the accepted risks."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ..privacy.attributes import (
    AUDIT_LOGS,
    ENDPOINT,
    LINK,
    NETWORK,
    NEW_NETWORK,
    RESOURCE_GROUP,
    SUBNET,
    ZONE,
    value,
)
from ..privacy.replacements import CONSTRUCT_ID, replacement, replacements
from ..privacy.rule import Rule
from ..privacy.rules import RULES
from ..privacy.surroundings import FOREIGN, FURTHER_ENDPOINT, PROVISIONER, ROLE
from .accepted import ANY, AcceptedRisk, is_over
from .changes import SECOND_ENDPOINT, UNKNOWN, Change, Difference


class Finding(NamedTuple):
    """A rule that a change breaks or meets.

    Attributes:
        change: the change.
        rule: the rule.
        attribute: the rule's attribute; ``added`` or ``removed`` for a whole resource.
        verdict: ``no longer``, ``not`` (a new resource) or ``still not``; ``now``, if it is met.
        before: the attribute's value before.
        after: the attribute's value after.
    """

    change: Change
    rule: Rule
    attribute: str
    verdict: str
    before: Any = None
    after: Any = None

    @property
    def weakens(self) -> bool:
        """Whether the change breaks the rule."""
        return self.verdict != "now"

    @property
    def risk(self) -> str:
        """The beginning of the line that accepts it, up to the reason."""
        is_whole = self.attribute in ("added", "removed")
        value = "" if is_whole else f" = {_text(self.after)}"
        return f"{self.change.stack} {self.change.address} {self.attribute}{value}:"


def _text(value: Any) -> str:
    """A value as JSON, without what is hidden."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=lambda part: part.text)


_SIGNS = {
    AUDIT_LOGS: ("target_resource_id", "containerregistry"),
    ENDPOINT: ("private_service_connection.subresource_names", "registry"),
    LINK: ("private_dns_zone_name", "azurecr"),
    # Not another resource: a role on a group or a subscription is one on its registries as well.
    ROLE: (
        "scope",
        r"^(?!.*/providers/(?!microsoft\.containerregistry))"
        r"(?!\$\{(id of |data\.)?azurerm_(?!container_registry|resource_group|subscription))",
    ),
    ZONE: ("name", "azurecr"),
}
"""What shows that a resource is a registry's: an attribute, and a pattern of its value."""
_FORGOTTEN = (
    "Put it back, or destroy its stack first: it stays in Azure, but Terraform no longer looks "
    "after it, and fails to create another one of its name."
)
_COVERED = {rule.type for rule in RULES}
_SHARED = (NETWORK, NEW_NETWORK, RESOURCE_GROUP, SUBNET)
"""What may have nothing to do with a registry."""
_HARMLESS = ("azurerm_", "data.", "null_resource", "terraform_data")


def findings(change: Change) -> Iterator[Finding]:
    """Every rule that a change breaks or meets."""
    for rule in _rules(change):
        if verdict := _verdict(rule, change):
            attribute = "added" if rule.welcome and verdict == "now" else rule.attribute
            sides = (value("", each or {}, attribute) for each in (change.before, change.after))
            yield Finding(change, rule, attribute, verdict, *sides)
    if not _is_the_registrys(change):
        return
    if change.id_before and not change.type.startswith("data."):
        addresses = change.id_before, change.address
        yield Finding(change, CONSTRUCT_ID, "id", "no longer", *addresses)
    for path in change.replaced or ():
        if rule_of_path := replacement(change.type, path):
            sides = (value("", each or {}, path) for each in (change.before, change.after))
            yield Finding(change, rule_of_path, path, "no longer", *sides)


def _is_the_registrys(change: Change) -> bool:
    """Whether a resource has to do with a registry; if that is unknown, it has."""
    if change.around:
        return True
    if change.type not in _SIGNS:
        return change.around is None or change.type not in _SHARED
    attribute, sign = _SIGNS[change.type]
    texts = [str(value("", side, attribute)) for side in (change.before, change.after) if side]
    is_unknown = change.around is None and any(
        text == "None" or UNKNOWN.text in text for text in texts
    )
    return is_unknown or any(re.search(sign, text.lower()) for text in texts)


def _rules(change: Change) -> list[Rule]:
    """The rules for a change; those on replacements only where no plan of Terraform has them."""
    rules = [PROVISIONER] if change.is_resource else []
    if _is_the_registrys(change):
        rules += [rule for rule in RULES if rule.type == change.type]
    if change.what == SECOND_ENDPOINT:
        rules.append(FURTHER_ENDPOINT)
    if change.around == "touches" and not change.type.startswith(_HARMLESS):
        rules.append(FOREIGN)
    if change.after is None:
        removed = [rule for rule in rules if rule.attribute == "removed"]
        if change.what == "forgotten":
            return [replace(rule, remedy=_FORGOTTEN) for rule in removed]
        return removed
    if change.before and change.replaced is None and not change.id_before:
        rules += replacements(change.type) if _is_the_registrys(change) else []
    return rules


def _verdict(rule: Rule, change: Change) -> str | None:
    """What a change does to a rule; none, if it neither breaks nor meets it."""
    broken = not rule.check(change.before, change.after)
    if change.before is None:
        if rule.welcome:
            return "now"
        # A new resource is compared with azurerm's defaults.
        return "not" if broken and (rule.required or rule.check(None, {})) else None
    was_broken = not rule.check(None, change.before)
    if broken and was_broken:
        is_known = value("", change.after or {}, rule.attribute) is not UNKNOWN
        worse = rule.worsens(change.before, change.after or {})
        return "still not" if worse and is_known else None
    if broken:
        return "no longer"
    return "now" if was_broken else None


@dataclass
class StackReport:
    """The report on one stack."""

    weakens: list[Finding] = field(default_factory=list)
    accepted: list[tuple[Finding, str]] = field(default_factory=list)
    strengthens: list[Finding] = field(default_factory=list)
    changes: list[tuple[Change, list[Difference]]] = field(default_factory=list)
    uncovered: list[Change] = field(default_factory=list)


@dataclass
class Report:
    """The report on each stack, and on the file of accepted risks.

    Attributes:
        of: what is reviewed.
        stacks: the report on each stack, by its name.
        unused: the lines of the file that accept nothing.
        exceptions_added: the lines that the change adds to the file.
        exceptions_removed: the lines that the change takes out of it.
        note: what the review does not see; empty, as a rule.
    """

    of: str
    stacks: dict[str, StackReport]
    unused: list[str]
    exceptions_added: list[str] = field(default_factory=list)
    exceptions_removed: list[str] = field(default_factory=list)
    note: str = ""

    @property
    def weakens(self) -> bool:
        """Whether anything weakens that nobody has accepted."""
        return any(stack.weakens for stack in self.stacks.values())


def review(
    of: str,
    changes: Sequence[Change],
    risks: Sequence[AcceptedRisk],
    base: Collection[str] | None = (),
) -> Report:
    """Compare changes with the rules and the accepted risks.

    An acceptance is for what was seen: a line that the base has already accepts nothing more. In a
    plan, which has no base, a line has to state the value that it accepts.
    """
    report = Report(of, {}, [])
    used: set[str] = set()
    for change in changes:
        stack = report.stacks.setdefault(change.stack, StackReport())
        reported = list(findings(change))
        for finding in reported:
            matching = [risk for risk in risks if _accepts(risk, finding, base)]
            used |= {risk.line for risk in matching}
            reasons = [risk.reason for risk in matching]
            in_the_stack = change.reasons.get(finding.attribute)
            if in_the_stack and not is_over(in_the_stack):
                reasons.insert(0, in_the_stack)
            if not finding.weakens:
                stack.strengthens.append(finding)
            elif reasons:
                stack.accepted.append((finding, reasons[0]))
            else:
                stack.weakens.append(finding)
        if change.is_resource and change.around == "touches" and change.type not in _COVERED:
            stack.uncovered.append(change)
        rest = _rest(change, [finding.attribute for finding in reported])
        if rest or change.action not in ("changed", "changed outside of Terraform"):
            stack.changes.append((change, rest))
    report.unused = [risk.line for risk in risks if risk.line not in used]
    return report


def _rest(change: Change, reported: list[str]) -> list[Difference]:
    """The other attributes that change, unless the whole resource is removed."""
    if change.after is None:
        return []
    return [
        difference
        for difference in change.differences()
        if not any(difference.lies_in(attribute) for attribute in reported)
    ]


def _accepts(risk: AcceptedRisk, finding: Finding, base: Collection[str] | None) -> bool:
    where = {finding.change.address, finding.change.type, finding.change.id_before}
    is_whole = finding.attribute in ("added", "removed")
    any_value = is_whole or (base is not None and risk.value is ANY)
    same_value = any_value or (risk.value is not ANY and _text(risk.value) == _text(finding.after))
    return (
        finding.weakens
        and risk.stack == finding.change.stack
        and risk.where in where
        and risk.attribute == finding.attribute
        and same_value
        and risk.line not in (base or ())
        and not is_over(risk.reason)
    )
