"""A rehearsal: stacks are deployed to the simulated Azure step by step, and each step is told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from standin import Cloud, cloud, install, resource_ids, store
from standin.resources.endpoints import ZONE_GROUP, zones_of
from standin.server import served
from standin.store import Contents

from . import printing
from .cluster import (
    assigned,
    carried_out,
    fill_the_cache,
    mirrors,
    only_mirrors,
    resolved,
    through_the_cache,
)
from .passwords import passwords
from .prerequisites import Prerequisites, link_of
from .printing import Seen, say, title
from .stacks import ENDPOINT, LINK, SimulationError, Stack
from .terraform_runs import CHANGED, Outcome, Terraform

NEEDED: Final = ("PATH", "LANG", "LC_ALL")
"""The variables of the user's shell that Terraform gets: no other one may change what it does."""


@contextmanager
def rehearsing(folder: Path, phases: list[list[Stack]]) -> Iterator[Rehearsal]:
    """A rehearsal in a folder, with a provider that this process serves meanwhile."""
    environ = {name: os.environ[name] for name in NEEDED if name in os.environ}
    environ |= {**install(folder), "TMPDIR": str(folder)}
    with served(environ) as variables:
        environ |= variables
        yield Rehearsal(folder, phases, environ)


def deploy_over(folder: Path, before: list[Stack], after: list[Stack], base: str) -> None:
    """Deploys the stacks of a base, which is names so, then those of the working tree over them.

    Raises:
        SimulationError: Terraform or Azure refuse it, or a stack has got another key.
    """
    deployed = {stack.name: stack for stack in before}
    gone = [stack for stack in before if stack.name not in {each.name for each in after}]
    with rehearsing(folder, [before, after]) as rehearsal:
        for stack in before:
            title(f"{stack.name}: {base}")
            rehearsal.deploy(stack)
            rehearsal.check(stack)
        for stack in after:
            title(f"{stack.name}: the working tree")
            for old in gone:
                _refuse_another_key(old, stack)
            rehearsal.deploy(stack, deployed.get(stack.name))
            rehearsal.check(stack, deployed.get(stack.name))
    for stack in gone:
        title(
            f"{stack.name}: not in the working tree, so that make deploys and destroys it no more"
        )


def _refuse_another_key(old: Stack, new: Stack) -> None:
    """Stop where a stack would create what a stack whose key is gone has created.

    Raises:
        SimulationError: it would, which Azure refuses.
    """
    in_azure = {each.id.lower() for each in old.resources.values()}
    in_azure -= {id_.lower() for id_ in new.imports}
    twice = [each.name for each in new.resources.values() if each.id.lower() in in_azure]
    if twice:
        raise SimulationError(
            f"{new.name} would create {', '.join(twice)}, which exist already: {old.name}, whose "
            "key is gone from the settings, has created them, and its state stays where it is. "
            f"Give the stack its key {old.name} again, or move its state before you deploy: from "
            f"{old.state_place} to {new.state_place}"
        )


class Rehearsal:
    """The simulated Azure of some stacks, and Terraform for each of them.

    As in Azure, there is a cloud for each environment; and there is a folder for each stack.
    """

    def __init__(self, folder: Path, phases: list[list[Stack]], environ: dict[str, str]) -> None:
        """Creates the clouds with what the stacks of all phases presuppose, and lists it.

        ``environ`` is the environment of Terraform and of the provider, to which each step adds
        what its stack needs.
        """
        self._folder = folder
        self._environ = environ
        self._terraforms: dict[str, Terraform] = {}
        self._clouds: dict[str, Cloud] = {}
        stacks = [stack for each in phases for stack in each]
        self._links = {link.id.lower() for stack in stacks for link in stack.of_type(LINK)}
        for environment in dict.fromkeys(stack.environment for stack in stacks):
            of_cloud = [[s for s in stacks if s.environment == environment] for stacks in phases]
            place = folder / environment
            place.mkdir()
            self._clouds[environment] = Cloud(place, environment=environment)
            of = "" if environment == "public" else f" ({environment})"
            print(f"\nThe settings presuppose, and the simulated Azure{of} has", flush=True)
            for line in Prerequisites(of_cloud).put(self._clouds[environment]):
                print(f"  {line}", flush=True)

    def deploy(self, stack: Stack, before: Stack | None = None) -> Outcome:
        """Deploys a stack; ``before`` is the same stack as it is deployed already."""
        terraform = self._terraform(stack)
        for difference in _differences(stack, before):
            say("in this copy", difference)
        terraform.init()
        say("terraform init", f"the provider is the stand-in for azurerm {stack.version}")
        self._plan(stack, before)
        outcome = self._apply(stack, before)
        if self._approve(stack):
            self._plan(stack)
            outcome = self._apply(stack)
        self._move_links(stack)
        return outcome

    def show(self, stack: Stack, outcome: Outcome) -> None:
        """Prints the outputs of an apply, and how to see the picture of the stack."""
        say("terraform output", *printing.outputs(outcome))
        stacks = f"make diagram STACK={stack.name}"
        say("the picture", f"{stacks} prints it as Mermaid, which GitHub and mermaid.live draw")

    def check(self, stack: Stack, before: Stack | None = None) -> None:
        """Prints what the cluster finds and pulls now, and whether another plan is empty.

        ``before`` is the same stack as it was deployed before: its cluster may be elsewhere.
        """
        stacks = [before, stack] if before else [stack]
        say("the cluster finds", *printing.finds(resolved(self._contents(stack), *stacks)))
        for endpoint in stack.of_type(ENDPOINT):
            if not endpoint.values.get("private_dns_zone_group"):
                kept = store.get(self._contents(stack), endpoint.id).get(ZONE_GROUP, [])
                say("", printing.zone_of_policy(endpoint.values, kept))
        say("the passwords", *printing.usable(passwords(self._contents(stack), stack)))
        with self._clouds[stack.environment].edit() as contents:
            fill_the_cache(contents, stack)
            rules = through_the_cache(contents, stack)
        say("the cluster pulls", *printing.pulled(rules, only_mirrors=only_mirrors(stack)))
        self._plan(stack)

    def destroy(self, stack: Stack) -> None:
        """Destroys a stack; that the settings protect its registry is shown, then taken off."""
        terraform = self._terraform(stack)
        outcome, unprotected = terraform.destroy(), stack.without_protection()
        if outcome.status and unprotected.config != stack.config:
            reasons = {error["summary"] for error in outcome.errors}
            if reasons != {"Instance cannot be destroyed"}:
                raise outcome.fail("terraform destroy")
            say("terraform destroy", "refused, as with Azure: deletion_protection is on")
            say("", "here, the copy of the settings is now without it")
            terraform.write(unprotected)
            outcome = terraform.destroy()
        if outcome.status:
            raise outcome.fail("terraform destroy")
        say("terraform destroy", printing.applied(outcome.summary))

    def _terraform(self, stack: Stack) -> Terraform:
        if stack.name not in self._terraforms:
            place = self._folder / "stacks" / stack.name
            self._terraforms[stack.name] = Terraform(place, self._environ)
        terraform = self._terraforms[stack.name]
        self._environ |= self._clouds[stack.environment].env
        self._environ["ARM_SUBSCRIPTION_ID"] = stack.subscription
        self._environ["STANDIN_VERSION"] = stack.version
        terraform.write(stack)
        return terraform

    def _contents(self, stack: Stack) -> Contents:
        with self._clouds[stack.environment].edit() as contents:
            return contents

    def _plan(self, stack: Stack, before: Stack | None = None) -> None:
        """Plans, and prints what Terraform would do: first what happens to a registry."""
        terraform = self._terraforms[stack.name]
        plan = terraform.plan()
        changes = printing.planned(plan, stack, before)
        refused = plan.status not in (0, CHANGED)
        for warning in printing.warnings(changes, refused=refused):
            print(f"\n  !!! {warning}\n", flush=True)
        is_changed = any(change["action"] in ("replace", "update") for change in changes)
        reasons = terraform.reasons() if is_changed else {}
        lines = [printing.line_on(change, reasons) for change in changes]
        if refused:
            say("terraform plan", "refused: nothing has changed", *lines)
            raise plan.fail("terraform plan")
        told = printing.counted(plan.summary) if plan.status else "no changes"
        say("terraform plan", told, *lines)

    def _apply(self, stack: Stack, before: Stack | None = None) -> Outcome:
        old = self._contents(stack)
        outcome = self._terraforms[stack.name].apply()
        requests = [printing.event(*each[:2]) for each in carried_out(old, self._contents(stack))]
        if outcome.status:
            say("terraform apply", "failed", *(requests or ["nothing has changed in Azure"]))
        else:
            say("terraform apply", printing.applied(outcome.summary))
        if before:
            self._tell_interruptions(old, before, stack)
        if outcome.status:
            raise outcome.fail("terraform apply")
        if before and mirrors(before) != mirrors(stack):
            say("  after it", "image_mirrors is another output: apply it to the cluster")
        return outcome

    def _tell_interruptions(self, old: Contents, before: Stack, stack: Stack) -> None:
        """Prints what those that pull lose and get during an apply, request by request."""
        last = _seen(old, before, stack)
        say("  before it", *printing.finds(last.names))
        is_same = True
        for operation, id_, contents in carried_out(old, self._contents(stack)):
            now = _seen(contents, before, stack)
            lines = [*printing.differences(last, now, only_mirrors=only_mirrors(before))]
            if lines:
                say("  during it", f"{printing.event(operation, id_)}:", *lines)
            last, is_same = now, is_same and not lines
        if is_same:
            say("  during it", "the same, all the time")

    def _move_links(self, stack: Stack) -> None:
        """Moves the owner's link of a network to the zone that the stack's endpoint uses now.

        A network can be linked to one zone of a name only. A link that a stack creates stays.
        """
        for endpoint in stack.of_type(ENDPOINT):
            network = resource_ids.parent(endpoint.values["subnet_id"])
            for zone in zones_of(endpoint.values):
                with self._clouds[stack.environment].edit() as contents:
                    links = [
                        id_
                        for id_, link in store.of_type(contents, LINK)
                        if store.same(link["virtual_network_id"], network)
                        and store.same(store.name_of(resource_ids.parent(id_)), store.name_of(zone))
                    ]
                    of_stacks = self._links & {id_.lower() for id_ in links}
                    if of_stacks or link_of(zone, network).lower() in map(str.lower, links):
                        continue
                    for old in links:
                        cloud.carry_out(contents, "delete", old, {})
                    values = {"type": LINK, "virtual_network_id": network}
                    cloud.carry_out(contents, "create", link_of(zone, network), values)
                name, group = store.name_of(network), zone.split("/")[4]
                say("the owner", f"links {name} to the zone in {group}; until then, pulls fail")

    def _approve(self, stack: Stack) -> bool:
        """Approves the connections that wait for the registry's owner, as the owner does."""
        waiting = [
            endpoint.id
            for endpoint in stack.of_type(ENDPOINT)
            if endpoint.values["private_service_connection"][0].get("is_manual_connection")
        ]
        with self._clouds[stack.environment].edit() as contents:
            created = [contents["resources"][id_] for id_ in waiting]
            pending = [each for each in created if each.get("status") != "Approved"]
            for endpoint in pending:
                endpoint["status"] = "Approved"
        if pending:
            say("the owner", "approves the connection; only then, Terraform finds the addresses")
        return bool(pending)


def _seen(contents: Contents, *stacks: Stack) -> Seen:
    """What those that pull from the registries of the stacks see of a cloud."""
    return Seen(
        resolved(contents, *stacks),
        passwords(contents, *stacks),
        through_the_cache(contents, *stacks),
        assigned(contents, *stacks),
    )


def _differences(stack: Stack, before: Stack | None) -> list[str]:
    """How Terraform's configuration differs here from that of a real deployment."""
    found = []
    if stack.backend != "local":
        found.append(f"the state is in a temporary file, and not in the backend {stack.backend}")
    if before and before.state_settings != stack.state_settings:
        found.append(
            "the state stays where it is, but the backend changes: move the state first, or "
            "Terraform finds none, and fails to create what exists"
        )
    if before and before.environment != stack.environment:
        found.append(
            f"Terraform looks in {stack.environment} for what the base has in {before.environment},"
            " finds nothing, and forgets it: it stays there, and everything is created anew"
        )
    left_to_policy = before and not all(zones_of(each.values) for each in before.of_type(ENDPOINT))
    if left_to_policy and stack.of_type(LINK):
        found.append(
            "the zone of Azure Policy and the network's link to it are not here: Azure refuses the "
            "network a second link to a zone of this name, until the owner deletes the first"
        )
    if stack.provider_version != stack.version:
        found.append(f"azurerm is {stack.version}, and not {stack.provider_version} as pinned")
    return found
