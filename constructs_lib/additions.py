"""What is added to a private registry on request: further links, lock, audit logs, pulls."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from types import MappingProxyType
from typing import Any

from . import locking, terraform
from .arguments.additions import (
    FurtherVirtualNetworkLink,
    NewAuditLogs,
    NewCacheRule,
    NewLock,
    NewPullToken,
)
from .arguments.base import Arguments, to_structs
from .arguments.guide import NewPrivateDnsZone
from .azure import caches
from .checks.guard import Guarded
from .checks.pulls import CacheRules, refusals_of_the_last


@dataclass
class Added:
    """What was added to one registry."""

    lock: Any = None
    audit_logs: Any = None
    pull_token: Any = None
    cache_rules: list[Any] = field(default_factory=list)
    checked: CacheRules = field(default_factory=CacheRules)

    @property
    def held(self) -> dict[str, list[Any]]:
        """What a lock on the registry holds, in words for its notes."""
        return {
            "audit logs": [self.audit_logs] if self.audit_logs else [],
            "a pull token": [self.pull_token] if self.pull_token else [],
            "cache rules": self.cache_rules,
        }


class Additions(Guarded):
    """A private registry that more can be added to.

    The bindings are those of the construct, which alone imports them. They are loaded by their
    names, so that an app loads only those that it uses.
    """

    _azurerm: Any
    _lifecycle: Any
    _later: Any
    container_registry: Any
    private_dns_zone: Any
    private_endpoint: Any
    login_server: str
    registry_id: str
    pull_secret: str | None = None
    _added: Added
    _zone_provider: Any

    def add_virtual_network_link(self, id: str, link: FurtherVirtualNetworkLink) -> Any:
        """Let one more network resolve the registry.

        Args:
            id: the link's id in this construct: Terraform replaces a link whose id changes.
            link: the link.

        Raises:
            ArgumentError: the zone can't have such a link.
        """
        self._extend(virtual_network_links={**self._request.virtual_network_links, link.name: link})
        return self._link(id, link, link.virtual_network_id)

    def add_lock(self, lock: NewLock) -> Any:
        """Lock the registry in Azure against people and other tools, not against Terraform itself.

        Terraform takes the lock off before it does what Azure would refuse under it, and puts it
        back afterwards. In all other plans the lock stays.

        Raises:
            ArgumentError: the level does not go with the registry, or there is a lock already.
        """
        self._once("add_lock", self._added.lock)
        self._extend(lock_level=lock.lock_level)
        resource = self._azurerm.management_lock.ManagementLock
        named = azurerm_arguments(resource, lock)
        added = self._added.lock = resource(self, "lock", **named, scope=self.registry_id)
        terms = locking.Terms(
            added, self.private_endpoint, self.container_registry, lambda: self._added.held
        )
        added.depends_on = self._later.list_value(terms.depends_on)
        added.notes = self._later.string_value(terms.notes)
        added.lifecycle = self._lifecycle(
            replace_triggered_by=self._later.list_value(terms.replace_triggered_by)
        )
        return added

    def add_audit_logs(self, audit_logs: NewAuditLogs) -> Any:
        """Send the registry's audit logs, who pulled and pushed what, to a Log Analytics workspace.

        Raises:
            ArgumentError: they are sent to a workspace already.
        """
        self._once("add_audit_logs", self._added.audit_logs)
        logs = self._azurerm.monitor_diagnostic_setting
        self._added.audit_logs = logs.MonitorDiagnosticSetting(
            self,
            "audit_logs",
            **azurerm_arguments(logs.MonitorDiagnosticSetting, audit_logs),
            target_resource_id=self.registry_id,
            enabled_log=[logs.MonitorDiagnosticSettingEnabledLog(category_group="audit")],
        )
        return self._added.audit_logs

    def add_pull_token(self, pull_token: NewPullToken) -> Any:
        """Let others pull from every repository with a token, and do nothing else.

        It has one password, which is in Terraform's state. ``pull_secret`` has both for a cluster.

        Raises:
            ArgumentError: the registry can't have it, or has one already.
        """
        self._once("add_pull_token", self._added.pull_token)
        self._extend(pull_token=pull_token)
        tokens = self._azurerm.container_registry_token
        passwords = self._azurerm.container_registry_token_password
        token = self._added.pull_token = tokens.ContainerRegistryToken(
            self,
            "pull_token",
            name=pull_token.name,
            container_registry_name=self.container_registry.name,
            resource_group_name=self.container_registry.resource_group_name,
            scope_map_id=f"{self.registry_id}/scopeMaps/_repositories_pull",
        )
        password = passwords.ContainerRegistryTokenPassword(
            self,
            "pull_token_password",
            container_registry_token_id=token.id,
            password1=passwords.ContainerRegistryTokenPasswordPassword1(expiry=pull_token.expiry),
        )
        self.pull_secret = terraform.docker_config(
            self.login_server, f"{token.fqn}.name", f"{password.fqn}.password1[0].value"
        )
        return token

    def add_cache_rule(self, id: str, cache_rule: NewCacheRule) -> Any:
        """Let the registry cache repositories of another registry.

        Args:
            id: the rule's id in this construct: Terraform replaces a rule whose id changes.
            cache_rule: the rule.

        Raises:
            ArgumentError: Azure refuses the rule, or refuses it beside another one.
        """
        before = self._added.checked
        self._extend(
            partial(refusals_of_the_last, before=before),
            cache_rules=[*self._request.cache_rules, cache_rule],
        )
        before.add(cache_rule)
        rule = self._azurerm.container_registry_cache_rule.ContainerRegistryCacheRule(
            self,
            id,
            name=cache_rule.name or caches.name_for(cache_rule.target),
            container_registry_id=self.registry_id,
            source_repo=cache_rule.source,
            target_repo=cache_rule.target,
            credential_set_id=cache_rule.credential_set_id,
        )
        self._added.cache_rules.append(rule)
        return rule

    @property
    def image_mirrors(self) -> str | None:
        """The mirror sets of the cache rules so far."""
        if not self._request.cache_rules:
            return None
        sources = {each.target: each.source for each in self._request.cache_rules}
        return terraform.image_mirrors(self.login_server, sources)

    def _link(self, id: str, link: Arguments, virtual_network_id: str) -> Any:
        is_new = isinstance(self._request.private_dns_zone, NewPrivateDnsZone)
        group = self._request if is_new else self.private_dns_zone
        links = self._azurerm.private_dns_zone_virtual_network_link
        return links.PrivateDnsZoneVirtualNetworkLink(
            self,
            id,
            **azurerm_arguments(
                links.PrivateDnsZoneVirtualNetworkLink, link, virtual_network_id=virtual_network_id
            ),
            resource_group_name=group.resource_group_name,
            private_dns_zone_name=self.private_dns_zone.name,
            registration_enabled=False,
            tags=self._request.private_dns_tags,
            provider=self._zone_provider,
        )


def azurerm_arguments(
    resource: type,
    arguments: Arguments,
    structs: Mapping[type, Callable[..., Any]] = MappingProxyType({}),
    **changed: Any,
) -> dict[str, Any]:
    """Those arguments that azurerm has under the same name, some of them changed."""
    accepted = _parameters(resource)
    given = {name: value for name, value in arguments if name in accepted}
    converted: dict[str, Any] = to_structs({**given, **changed}, structs)
    return converted


@cache
def _parameters(resource: type) -> frozenset[str]:
    return frozenset(inspect.signature(vars(resource)["__init__"]).parameters)
