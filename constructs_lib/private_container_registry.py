"""The construct: Red Hat's guide to a private registry for an ARO cluster, a statement a step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import cdktf
import cdktf_cdktf_provider_azurerm as azurerm
import jsii
from constructs import Construct, IValidation

from . import terraform
from .arguments import additions as more
from .arguments import guide as new
from .arguments.base import Arguments, SignatureOfInit
from .arguments.bindings import azurerm_arguments, zone_of_link
from .arguments.existing import Existing
from .arguments.lock import PROTECTED_KINDS, LockArguments
from .azure import regions
from .checks.construct_arguments import check, typed
from .checks.guard import Guard
from .checks.known_arguments import RegistryRequest
from .checks.warn import warn
from .pull_access import PullAccess

# An app loads only those modules of the bindings that it uses.
acr, registries = azurerm.container_registry, azurerm.data_azurerm_container_registry
networks, data_networks = azurerm.virtual_network, azurerm.data_azurerm_virtual_network
subnets, data_subnets = azurerm.subnet, azurerm.data_azurerm_subnet
zones, data_zones = azurerm.private_dns_zone, azurerm.data_azurerm_private_dns_zone
endpoints = azurerm.private_endpoint
Lifecycle = cdktf.TerraformResourceLifecycle

AnyNetwork = networks.VirtualNetwork | data_networks.DataAzurermVirtualNetwork
AnySubnet = subnets.Subnet | data_subnets.DataAzurermSubnet | Existing
AnyRegistry = acr.ContainerRegistry | registries.DataAzurermContainerRegistry | Existing
AnyZone = (
    zones.PrivateDnsZone | data_zones.DataAzurermPrivateDnsZone | Existing | new.PrivateDnsZone
)


@jsii.implements(cdktf.IAnyProducer)
class _Producer:
    def __init__(self, value: Callable[[], Any]) -> None:
        self._value = value

    def produce(self, context: cdktf.IResolveContext) -> Any:
        """The value."""
        return self._value()


def _later(value: Callable[[], Any]) -> cdktf.IResolvable:
    """A value that is asked for when the stack is written: what was added by then counts."""
    return cdktf.Lazy.any_value(_Producer(value))


@typed
@jsii.implements(IValidation)
class PrivateContainerRegistry(Construct):
    """A Premium container registry that is reachable only from inside a virtual network.

    It creates the resources of the guide and nothing else: no provider, no outputs, no virtual
    network. Every value may be a token, and two registries may be in one stack.

    The ids of the resources are a contract: Terraform destroys a registry whose id changes, with
    all its images, even with ``deletion_protection``.

    Attributes:
        endpoint_subnet, container_registry, private_dns_zone, private_endpoint: each is created, or
            was given. ``private_dns_zone`` may be ``MANAGED_BY_POLICY``.
        private_dns_zone_virtual_network_link: the zone's link to the network, if one is created.
        registry_id: the registry's id in Azure.
        network_interface_id: the private endpoint's network interface.
        login_server: the host name that images are pushed to and pulled from.
        private_ip_address: its address in the network; null while it has none.
        data_endpoints: a map from each data endpoint's host name to its address.
        addresses: a map from each host name of the registry to the list of its addresses.
    """

    __signature__ = SignatureOfInit()

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        resource_group_name: str,
        virtual_network: AnyNetwork,
        endpoint_subnet: new.NewSubnet | AnySubnet | str,
        container_registry: new.NewRegistry | AnyRegistry | str,
        private_dns_zone: new.NewPrivateDnsZone | AnyZone | str | None = None,
        private_dns_zone_virtual_network_link: new.NewVirtualNetworkLink | None = None,
        private_dns_zone_provider: cdktf.TerraformProvider | None = None,
        private_endpoint: new.NewPrivateEndpoint | None = None,
        image_mirror_source_policy: new.MirrorSourcePolicy = None,
        adopt: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Add the resources to ``scope``.

        In the place of a new subnet, registry or zone, one that exists may be given: a resource or
        a data source of the bindings, or an id in upper or lower case.

        Args:
            scope: the stack, or a construct in it, that has an azurerm provider.
            id: the construct's id in ``scope``, part of the id of every resource: never change it.
            resource_group_name: the existing resource group of registry, zone, link and endpoint.
            virtual_network: the cluster's network.
            endpoint_subnet: the subnet for private endpoints, which lies in the network.
            container_registry: the registry, which may be in another subscription.
            private_dns_zone: the zone, or ``PrivateDnsZone.MANAGED_BY_POLICY``. A new one with
                Azure's name by default.
            private_dns_zone_virtual_network_link: the zone's link to the network. By default, a new
                zone is linked, and one that exists is not.
            private_dns_zone_provider: for links of a zone that is in another subscription.
            private_endpoint: the private endpoint. The guide's names by default.
            image_mirror_source_policy: ``NeverContactSource``, if nodes must not ask an upstream.
            adopt: the ids of resources that exist already and that Terraform imports instead of
                creating them, by the names of the attributes above. None by default.
            tags: on every resource that takes tags. None by default.

        Raises:
            ArgumentError: with everything that is wrong; nothing is added to ``scope`` then.
        """
        given = check(PrivateContainerRegistry, **locals())
        super().__init__(scope, id)
        warn(self, given)
        request, network, subnet = given.request, virtual_network, given.endpoint_subnet
        registry, zone, link = given.container_registry, given.private_dns_zone, request.link
        endpoint, self._zone_provider = request.private_endpoint, private_dns_zone_provider

        # az network vnet subnet create --disable-private-endpoint-network-policies
        self.endpoint_subnet: AnySubnet = (
            subnets.Subnet(
                self,
                "endpoint_subnet",
                name=subnet.name,
                resource_group_name=network.resource_group_name,
                virtual_network_name=network.name,
                address_prefixes=[subnet.address_prefix],
                private_endpoint_network_policies="Disabled",
                lifecycle=Lifecycle(
                    precondition=[cdktf.Precondition(**terraform.inside(subnet, network))]
                ),
            )
            if isinstance(subnet, new.NewSubnet)
            else subnet
        )

        # az acr create --sku Premium --public-network-enabled false
        self.container_registry: AnyRegistry = (
            acr.ContainerRegistry(
                self,
                "container_registry",
                **azurerm_arguments(acr.ContainerRegistry, registry, tags=request.registry_tags),
                resource_group_name=resource_group_name,
                sku="Premium",  # the only one with private endpoints
                public_network_access_enabled=False,
                lifecycle=Lifecycle(prevent_destroy=True) if registry.deletion_protection else None,
            )
            if isinstance(registry, new.NewRegistry)
            else registry
        )

        # az acr show --query id
        self.registry_id: str = self.container_registry.id

        # az network private-dns zone create
        self.private_dns_zone: AnyZone = (
            zones.PrivateDnsZone(
                self,
                "private_dns_zone",
                name=zone.name,
                resource_group_name=resource_group_name,
                tags=request.private_dns_tags,
            )
            if isinstance(zone, new.NewPrivateDnsZone)
            else zone
        )

        # az network private-dns link vnet create --registration-enabled false
        part = "private_dns_zone_virtual_network_link"
        self.private_dns_zone_virtual_network_link = (
            self._link(part, link, network.id, request) if link else None
        )

        # az network private-endpoint create --group-id registry
        # az network private-endpoint dns-zone-group create
        by_policy = self.private_dns_zone is new.PrivateDnsZone.MANAGED_BY_POLICY
        self.private_endpoint = endpoints.PrivateEndpoint(
            self,
            "private_endpoint",
            **azurerm_arguments(
                endpoints.PrivateEndpoint,
                endpoint,
                location=endpoint.location or network.location,  # Azure wants the network's region
                ip_configuration=endpoint.addresses,
            ),
            resource_group_name=resource_group_name,
            subnet_id=self.endpoint_subnet.id,
            private_service_connection=endpoints.PrivateEndpointPrivateServiceConnection(
                name=endpoint.private_service_connection_name,
                private_connection_resource_id=self.registry_id,
                subresource_names=[regions.REGISTRY_MEMBER],
                is_manual_connection=endpoint.request_message is not None,
                request_message=endpoint.request_message,
            ),
            private_dns_zone_group=(
                None
                if self.private_dns_zone is new.PrivateDnsZone.MANAGED_BY_POLICY
                else endpoints.PrivateEndpointPrivateDnsZoneGroup(
                    name=endpoint.private_dns_zone_group_name,
                    private_dns_zone_ids=[self.private_dns_zone.id],
                )
            ),
            tags=request.tags or None,
            lifecycle=Lifecycle(ignore_changes=["private_dns_zone_group"]) if by_policy else None,
        )

        # az network private-endpoint show --query networkInterfaces[0].id
        created = self.private_endpoint.fqn
        self.network_interface_id = terraform.attribute(created, "network_interface[0].id")

        # az network nic show: the address of a member by its name, never by its position
        self.addresses = self._local("addresses", terraform.by_host_name(created))
        data_endpoints = terraform.of_data_endpoints(self.addresses)
        self.data_endpoints = self._local("data_endpoints", data_endpoints)
        self.login_server: str = (
            self._local("login_server", terraform.registry_host_name(self.addresses))
            if isinstance(self.container_registry, Existing)
            else self.container_registry.login_server
        )
        self.private_ip_address = terraform.address_of(self.login_server, self.addresses)

        for part, adopted_id in request.adopt.items():
            getattr(self, part).import_from(adopted_id)
        self._guard = Guard(self, scope, request, Construct)
        self._locked: dict[str, list[Any]] = {kind: [] for kind in PROTECTED_KINDS}
        self._pulls = PullAccess(self, self._guard, cdktf, azurerm, self._locked)

    @cached_property
    def pull_secrets(self) -> str:
        """A map from each pull token's name to a docker config, which is a secret."""
        return cdktf.Token.as_string(_later(self._pulls.docker_configs))

    @cached_property
    def image_mirrors(self) -> str:
        """YAML of mirror sets that have OpenShift pull by cache rules; null, if there is none."""
        return cdktf.Token.as_string(_later(self._pulls.mirror_sets))

    @cached_property
    def credential_set_identities(self) -> str:
        """A map from each credential set without its vault to its identity, which needs a role."""
        return cdktf.Token.as_string(_later(self._pulls.identities))

    def add_virtual_network_link(
        self, id: str, link: more.FurtherVirtualNetworkLink
    ) -> azurerm.private_dns_zone_virtual_network_link.PrivateDnsZoneVirtualNetworkLink:
        """Let one more network resolve the registry.

        Terraform replaces a link whose ``id`` in this construct changes.

        Raises:
            ArgumentError: the zone can't have such a link.
        """
        links = self._guard.request.virtual_network_links
        self._guard.extend(virtual_network_links={**links, link.name: link})
        return self._link(id, link, link.virtual_network_id, self._guard.request)

    def add_lock(self, lock: more.NewLock) -> azurerm.management_lock.ManagementLock:
        """Lock the registry in Azure against people and other tools, not against Terraform.

        Terraform removes it before it does what Azure would refuse, and creates it again then.

        Raises:
            ArgumentError: the level does not go with the registry, or there is a lock already.
        """
        self._guard.once("add_lock", self._guard.request.lock_level)
        self._guard.extend(lock_level=lock.lock_level)
        resource = azurerm.management_lock.ManagementLock
        added = resource(self, "lock", **azurerm_arguments(resource, lock), scope=self.registry_id)
        needed = LockArguments(added, self.private_endpoint, self.container_registry, self._locked)
        added.depends_on = cdktf.Token.as_list(_later(needed.depends_on))
        added.notes = cdktf.Token.as_string(_later(needed.notes))
        triggers = cdktf.Token.as_list(_later(needed.replace_triggered_by))
        added.lifecycle = Lifecycle(replace_triggered_by=triggers)
        return added

    def add_audit_logs(
        self, audit_logs: more.NewAuditLogs
    ) -> azurerm.monitor_diagnostic_setting.MonitorDiagnosticSetting:
        """Send the registry's audit logs, who pulled and pushed what, to a Log Analytics workspace.

        Raises:
            ArgumentError: they are sent to a workspace already.
        """
        self._guard.once("add_audit_logs", self._locked["audit logs"])
        logs = azurerm.monitor_diagnostic_setting
        added = logs.MonitorDiagnosticSetting(
            self,
            "audit_logs",
            **azurerm_arguments(logs.MonitorDiagnosticSetting, audit_logs),
            target_resource_id=self.registry_id,
            enabled_log=[logs.MonitorDiagnosticSettingEnabledLog(category_group="audit")],
        )
        self._locked["audit logs"].append(added)
        return added

    def add_pull_token(
        self, pull_token: more.NewPullToken
    ) -> azurerm.container_registry_token.ContainerRegistryToken:
        """Let others pull with a token, from every repository or from some, and do nothing else.

        It has one password, which is in Terraform's state. ``pull_secrets`` has both for a cluster.

        Raises:
            ArgumentError: the registry can't have it, or has one of this name.
        """
        return self._pulls.add_token(pull_token)

    def grant_pull(self, id: str, principal_id: str) -> azurerm.role_assignment.RoleAssignment:
        """Let somebody pull: the role ``AcrPull``.

        Terraform replaces a role assignment whose ``id`` in this construct changes. The principal
        is a user, group, service principal or managed identity, by its object id.

        Raises:
            ArgumentError: the registry can't have it, or has it already.
        """
        return self._pulls.add_role(id, principal_id, "AcrPull")

    def grant_push(self, id: str, principal_id: str) -> azurerm.role_assignment.RoleAssignment:
        """Let somebody push and pull: the role ``AcrPush``. All else is as for ``grant_pull``."""
        return self._pulls.add_role(id, principal_id, "AcrPush")

    def grant_import(self, id: str, principal_id: str) -> azurerm.role_assignment.RoleAssignment:
        """Let somebody run ``az acr import``. All else is as for ``grant_pull``."""
        return self._pulls.add_role(id, principal_id, more.IMPORTER)

    def add_credential_set(
        self, credential_set: more.NewCredentialSet
    ) -> azurerm.container_registry_credential_set.ContainerRegistryCredentialSet:
        """Let cache rules log in to an upstream: a rule's ``credential_set_id`` is its ``id``.

        Raises:
            ArgumentError: the registry can't have it, or has one of this name.
        """
        return self._pulls.add_credential_set(credential_set)

    def add_cache_rule(
        self, id: str, cache_rule: more.NewCacheRule
    ) -> azurerm.container_registry_cache_rule.ContainerRegistryCacheRule:
        """Let the registry cache repositories of another registry.

        Terraform replaces a rule whose ``id`` in this construct changes.

        Raises:
            ArgumentError: Azure refuses the rule, or refuses it beside another one.
        """
        return self._pulls.add_cache_rule(id, cache_rule)

    def accept_risk(self, attribute: str, reason: str) -> None:
        """Let an attribute of registry, endpoint or zone break a rule of the review.

        Without it, a synthesis stops when an override or an aspect breaks one.

        Args:
            attribute: as the rule's message names it, such as ``public_network_access_enabled``.
            reason: why, for the reviewer; it is in the JSON. The review does not accept it after
                a date in it, such as ``until 2027-06-03``.

        Raises:
            ArgumentError: a synthesis requires nothing of the attribute.
        """
        self._guard.accept_risk(attribute, reason)

    def validate(self) -> list[str]:
        """The reasons why the construct must not be synthesized; none, as a rule."""
        return self._guard.validate()

    def _local(self, id: str, expression: str) -> str:
        return str(cdktf.TerraformLocal(self, id, expression).fqn)

    def _link(
        self, id: str, link: Arguments, virtual_network_id: str, request: RegistryRequest
    ) -> azurerm.private_dns_zone_virtual_network_link.PrivateDnsZoneVirtualNetworkLink:
        zone: Any = self.private_dns_zone  # one that Azure Policy manages has no link
        is_new = isinstance(request.private_dns_zone, new.NewPrivateDnsZone)
        resource = azurerm.private_dns_zone_virtual_network_link.PrivateDnsZoneVirtualNetworkLink
        return resource(
            self,
            id,
            **azurerm_arguments(resource, link, virtual_network_id=virtual_network_id),
            **zone_of_link(resource, zone, (request if is_new else zone).resource_group_name),
            registration_enabled=False,
            tags=request.private_dns_tags,
            provider=self._zone_provider,
        )
