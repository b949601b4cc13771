"""The construct: Red Hat's guide to a private registry for an ARO cluster, step by step."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar
from weakref import WeakKeyDictionary

import jsii
from cdktf import (
    Fn,
    Precondition,
    TerraformLocal,
    TerraformProvider,
    TerraformResource,
    TerraformResourceLifecycle,
    TerraformStack,
    Token,
)
from cdktf_cdktf_provider_azurerm.container_registry import (
    ContainerRegistry,
    ContainerRegistryEncryption,
    ContainerRegistryGeoreplications,
    ContainerRegistryIdentity,
)
from cdktf_cdktf_provider_azurerm.data_azurerm_container_registry import (
    DataAzurermContainerRegistry,
)
from cdktf_cdktf_provider_azurerm.data_azurerm_private_dns_zone import DataAzurermPrivateDnsZone
from cdktf_cdktf_provider_azurerm.data_azurerm_subnet import DataAzurermSubnet
from cdktf_cdktf_provider_azurerm.data_azurerm_virtual_network import DataAzurermVirtualNetwork
from cdktf_cdktf_provider_azurerm.management_lock import ManagementLock
from cdktf_cdktf_provider_azurerm.monitor_diagnostic_setting import (
    MonitorDiagnosticSetting,
    MonitorDiagnosticSettingEnabledLog,
)
from cdktf_cdktf_provider_azurerm.private_dns_zone import PrivateDnsZone
from cdktf_cdktf_provider_azurerm.private_dns_zone_virtual_network_link import (
    PrivateDnsZoneVirtualNetworkLink,
)
from cdktf_cdktf_provider_azurerm.private_endpoint import (
    PrivateEndpoint,
    PrivateEndpointIpConfiguration,
    PrivateEndpointPrivateDnsZoneGroup,
    PrivateEndpointPrivateServiceConnection,
)
from cdktf_cdktf_provider_azurerm.subnet import Subnet
from cdktf_cdktf_provider_azurerm.virtual_network import VirtualNetwork
from constructs import Construct, IConstruct, IValidation

from . import addresses, azure, rules


@dataclass(frozen=True)
class Existing:
    """A resource that exists already, in this subscription or another one, known by its id."""

    id: str

    def __post_init__(self) -> None:
        """Spell the id's fixed segments as azurerm wants them, whatever Azure showed."""
        object.__setattr__(self, "id", azure.spelled(self.id))

    @property
    def name(self) -> str:
        """The last segment of its id."""
        return self._segment(8)

    @property
    def resource_group_name(self) -> str:
        """The segment of its id that names its resource group."""
        return self._segment(4)

    def _segment(self, number: int) -> str:
        """By Terraform, where the id is known only to it."""
        if Token.is_unresolved(self.id):
            return Token.as_string(Fn.element(Fn.split("/", self.id), number))
        return self.id.split("/")[number]


MANAGED_BY_POLICY = Existing("")
"""In the place of a zone: Azure Policy attaches a zone to the endpoint, and nobody else does."""


class PrivateContainerRegistry(Construct):
    """A Premium container registry that is reachable only from inside a virtual network.

    Creates the resources of the guide and nothing else: no provider, no outputs, no virtual
    network. Every string may be a token. Two registries may live in one stack.

    The ids of the resources are a contract: Terraform destroys a registry whose id changes, with
    all its images, whatever ``deletion_protection`` says.

    Attributes:
        endpoint_subnet: the subnet of the private endpoint.
        container_registry: the registry.
        private_dns_zone: the zone that its host names resolve in.
        private_dns_zone_virtual_network_link: what makes the network use the zone; none for a zone
            that was given.
        private_endpoint: the registry's network interface in the subnet.
        login_server: the host name that images are pushed to and pulled from.
        private_ip_address: the address of the registry itself; null while it has none, an error
            when it has several.
        data_endpoints: a map from each data endpoint's host name to its address.
        addresses: a map from each host name of the registry to the list of its addresses, which
            the two above are read from.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        resource_group_name: str,
        virtual_network: DataAzurermVirtualNetwork | VirtualNetwork,
        endpoint_subnet: Subnet | DataAzurermSubnet | Existing | None = None,
        endpoint_subnet_name: str = "PrivateEndpoint-subnet",
        endpoint_subnet_address_prefix: str | None = None,
        container_registry: ContainerRegistry
        | DataAzurermContainerRegistry
        | Existing
        | None = None,
        container_registry_name: str | None = None,
        location: str | None = None,
        admin_enabled: bool = False,
        data_endpoint_enabled: bool | None = None,
        encryption: ContainerRegistryEncryption | None = None,
        export_policy_enabled: bool | None = None,
        georeplications: Sequence[ContainerRegistryGeoreplications] = (),
        identity: ContainerRegistryIdentity | None = None,
        network_rule_bypass_option: str | None = None,
        zone_redundancy_enabled: bool | None = None,
        deletion_protection: bool = True,
        private_dns_zone: PrivateDnsZone | DataAzurermPrivateDnsZone | Existing | None = None,
        private_dns_zone_name: str = azure.PRIVATE_DNS_ZONE_NAMES["public"],
        private_dns_zone_virtual_network_link_name: str = "AcrDNSLink",
        resolution_policy: str | None = None,
        private_endpoint_name: str = "acrPvtEndpoint",
        private_service_connection_name: str = "acrConnection",
        private_dns_zone_group_name: str = "ACR-ZoneGroup",
        private_ip_addresses: Mapping[str, str] | None = None,
        request_message: str | None = None,
        tags: Mapping[str, str] | None = None,
        container_registry_tags: Mapping[str, str] | None = None,
    ) -> None:
        """Add the resources to ``scope``.

        Args:
            scope: the stack, or a construct in it, that has an azurerm provider.
            id: the construct's id in ``scope``, part of the id of every resource: never change it.
            resource_group_name: the existing resource group of registry, zone, link and endpoint.
            virtual_network: the cluster's network, a resource or data source of the bindings.
            endpoint_subnet: a subnet that exists, in the place of one that is made.
            endpoint_subnet_name: the subnet that is made in the network.
            endpoint_subnet_address_prefix: its IPv4 prefix in CIDR form, inside the network's
                address space, /29 or larger; one outside it fails in the plan. Needed to make one.
            container_registry: a registry that exists, in the place of one that is made; all that
                is said of a registry below is then without effect.
            container_registry_name: 5 to 50 letters and digits, unique in all of Azure. Needed to
                make one.
            location: the registry's Azure region; the endpoint is in the network's. Needed to make
                one.
            admin_enabled: turns on the admin user. Off by default: its password is in Terraform's
                state, and each plan needs the right to list credentials.
            data_endpoint_enabled: dedicated data endpoints. azurerm's default, off, if not given.
            encryption: a key of one's own; needs ``identity``. Azure's key if not given.
            export_policy_enabled: whether images may be exported. azurerm's default, on, if not
                given.
            georeplications: regions that the registry is replicated to, in any order. None by
                default. A replica takes pulls (``regional_endpoint_enabled``) unless it says not.
            identity: the registry's managed identity. None by default.
            network_rule_bypass_option: ``AzureServices`` or ``None``. azurerm's default, that
                trusted services may bypass the network's rules, if not given.
            zone_redundancy_enabled: replaces the registry when it changes. azurerm's default, off,
                if not given.
            deletion_protection: Terraform refuses a plan that destroys or replaces the registry
                (``prevent_destroy``). On by default.
            private_dns_zone: a zone that exists, in the place of one that is made, without a link
                (:meth:`add_virtual_network_link` makes one); or ``MANAGED_BY_POLICY``.
            private_dns_zone_name: the zone that Azure resolves registries in; another one in
                Azure's national clouds.
            private_dns_zone_virtual_network_link_name: the zone's link to the network.
            resolution_policy: that link's, as of :meth:`add_virtual_network_link`.
            private_endpoint_name: the private endpoint.
            private_service_connection_name: the endpoint's connection to the registry.
            private_dns_zone_group_name: the endpoint's group of DNS zones.
            private_ip_addresses: a static address for each member of the endpoint: ``registry``,
                and each region's name for its data endpoint. Azure refuses an incomplete map.
                Given to a live endpoint, they replace it. Azure chooses if not given.
            request_message: makes the connection one that the registry's owner has to approve,
                with these words; the addresses are null until then.
            tags: go on every resource that takes tags. None by default.
            container_registry_tags: go on the registry too, over ``tags``. None by default.

        Raises:
            ValueError: a subnet or a registry is to be made and what that needs is not given.
        """
        super().__init__(scope, id)
        _StaysPrivate.of(self).registries.append(self)
        self._accepted: set[str] = set()
        self._lock: ManagementLock | None = None
        self._audit_logs: MonitorDiagnosticSetting | None = None
        self._given_zone = private_dns_zone
        self._resource_group_name = resource_group_name
        self._private_dns_tags = azure.private_dns_tags(_checked(tags or {}) or {}) or None
        if left_off := set(tags or {}) - set(self._private_dns_tags or {}):
            warnings.warn(
                f"[{self.node.path}] tags left off the private DNS zone and its links, where Azure "
                f"keeps none with a space or a colon in the name: {', '.join(sorted(left_off))}",
                stacklevel=2,
            )

        # az network vnet subnet create --disable-private-endpoint-network-policies
        self.endpoint_subnet = endpoint_subnet or Subnet(
            self,
            "endpoint_subnet",
            name=endpoint_subnet_name,
            resource_group_name=virtual_network.resource_group_name,
            virtual_network_name=virtual_network.name,
            address_prefixes=[_needed(endpoint_subnet_address_prefix, "a prefix for the subnet")],
            private_endpoint_network_policies="Disabled",
            lifecycle=_prefix_inside(virtual_network, endpoint_subnet_address_prefix),
        )

        # az acr create --sku Premium --public-network-enabled false
        self.container_registry = container_registry or ContainerRegistry(
            self,
            "container_registry",
            name=_needed(container_registry_name, "a name for the registry"),
            resource_group_name=resource_group_name,
            location=_needed(location, "a location for the registry"),
            sku="Premium",  # the only one with private endpoints
            public_network_access_enabled=False,
            admin_enabled=admin_enabled,
            data_endpoint_enabled=data_endpoint_enabled,
            encryption=[encryption] if encryption else None,
            export_policy_enabled=export_policy_enabled,
            georeplications=_replicas(georeplications),
            identity=_identity(identity),
            network_rule_bypass_option=network_rule_bypass_option,
            zone_redundancy_enabled=zone_redundancy_enabled,
            tags=_checked(azure.merged_tags(tags or {}, container_registry_tags or {})),
            lifecycle=(
                TerraformResourceLifecycle(prevent_destroy=True) if deletion_protection else None
            ),
        )

        # az network private-dns zone create
        self.private_dns_zone = private_dns_zone or PrivateDnsZone(
            self,
            "private_dns_zone",
            name=private_dns_zone_name,
            resource_group_name=resource_group_name,
            tags=self._private_dns_tags,
        )

        # az network private-dns link vnet create --registration-enabled false
        self.private_dns_zone_virtual_network_link = (
            None
            if private_dns_zone
            else self.add_virtual_network_link(
                "private_dns_zone_virtual_network_link",
                name=private_dns_zone_virtual_network_link_name,
                virtual_network_id=virtual_network.id,
                resolution_policy=resolution_policy,
            )
        )

        # az network private-endpoint create --group-id registry
        # az network private-endpoint dns-zone-group create
        by_policy = private_dns_zone is MANAGED_BY_POLICY
        self.private_endpoint = PrivateEndpoint(
            self,
            "private_endpoint",
            name=private_endpoint_name,
            resource_group_name=resource_group_name,
            location=virtual_network.location,  # Azure wants the network's region here
            subnet_id=self.endpoint_subnet.id,
            private_service_connection=PrivateEndpointPrivateServiceConnection(
                name=private_service_connection_name,
                private_connection_resource_id=self.container_registry.id,
                subresource_names=["registry"],
                is_manual_connection=request_message is not None,
                request_message=request_message,
            ),
            ip_configuration=_static_addresses(private_ip_addresses or {}),
            private_dns_zone_group=(
                None
                if by_policy
                else PrivateEndpointPrivateDnsZoneGroup(
                    name=private_dns_zone_group_name,
                    private_dns_zone_ids=[self.private_dns_zone.id],
                )
            ),
            tags=tags,
            lifecycle=(
                TerraformResourceLifecycle(ignore_changes=["private_dns_zone_group"])
                if by_policy
                else None
            ),
        )

        # az network nic show: the address of a member by its name, never by its position
        by_host_name = addresses.by_host_name(self.private_endpoint.fqn)
        self.addresses = TerraformLocal(self, "addresses", _expression(by_host_name))
        of_data_endpoints = addresses.of_data_endpoints(self.addresses.fqn)
        self.data_endpoints = TerraformLocal(self, "data_endpoints", _expression(of_data_endpoints))
        self.login_server = self._login_server()
        self.private_ip_address = Token.as_string(
            Fn.one(Fn.try_([Fn.lookup_nested(self.addresses.fqn, [self.login_server]), []]))
        )

    def add_virtual_network_link(
        self,
        id: str,
        *,
        name: str,
        virtual_network_id: str,
        resolution_policy: str | None = None,
        provider: TerraformProvider | None = None,
    ) -> PrivateDnsZoneVirtualNetworkLink:
        """Let one more network resolve the registry: a hub's, a jump host's, a build agent's.

        Args:
            id: the link's id in this construct: a changed one makes the link anew.
            name: the link's name in the zone.
            virtual_network_id: the network, which may be in another subscription.
            resolution_policy: ``NxDomainRedirect`` lets the names of other registries, which the
                zone does not hold, be resolved publicly; ``Default`` answers that they don't exist.
                Azure's default if not given.
            provider: one for the subscription of a zone that is in another one.
        """
        return PrivateDnsZoneVirtualNetworkLink(
            self,
            id,
            name=name,
            resource_group_name=(
                self._given_zone.resource_group_name
                if self._given_zone
                else self._resource_group_name
            ),
            private_dns_zone_name=self.private_dns_zone.name,
            virtual_network_id=azure.spelled(virtual_network_id),
            registration_enabled=False,
            resolution_policy=resolution_policy,
            tags=self._private_dns_tags,
            provider=provider,
        )

    def add_lock(self, lock_level: str, *, name: str = "acr-lock") -> ManagementLock:
        """Lock the registry in Azure against deletion by people and by other tools.

        The lock does not stop this configuration: Terraform takes it off before it destroys or
        replaces what the lock holds, and makes it anew afterwards. In all other plans it stays. It
        stops neither pushes nor pulls, nor the deletion of images.

        Args:
            lock_level: ``CanNotDelete``: Azure refuses to delete the registry, its replicas and
                its endpoints. ``ReadOnly``: Azure refuses every change of them as well, and to
                list the admin user's credentials, which azurerm asks for in each plan.
            name: the lock's name on the registry.

        Raises:
            ValueError: the level is ``ReadOnly`` and the registry's admin user is on.

        Source: Microsoft Learn, "Lock your Azure resources to protect your infrastructure" and
        "Lock a container image in an Azure container registry".
        """
        registry = self.container_registry
        if (
            lock_level == "ReadOnly"
            and isinstance(registry, ContainerRegistry)
            and registry.admin_enabled_input is True
        ):
            raise ValueError(
                "lock_level is 'ReadOnly' and admin_enabled is True: the lock refuses to list the "
                "admin user's credentials, so that every later plan fails; turn admin_enabled off, "
                "or set lock_level to 'CanNotDelete'"
            )
        self._lock = ManagementLock(
            self, "lock", name=name, scope=registry.id, lock_level=lock_level
        )
        self._let_the_lock_step_aside()
        return self._lock

    def add_audit_logs(
        self, log_analytics_workspace_id: str, *, name: str = "acr-audit"
    ) -> MonitorDiagnosticSetting:
        """Send the registry's audit logs, who pulled and pushed what, to a Log Analytics workspace.

        Args:
            log_analytics_workspace_id: the workspace, which may be in another subscription.
            name: the diagnostic setting's name on the registry.
        """
        self._audit_logs = MonitorDiagnosticSetting(
            self,
            "audit_logs",
            name=name,
            target_resource_id=self.container_registry.id,
            log_analytics_workspace_id=azure.spelled(log_analytics_workspace_id),
            enabled_log=[MonitorDiagnosticSettingEnabledLog(category_group="audit")],
        )
        self._let_the_lock_step_aside()
        return self._audit_logs

    def _let_the_lock_step_aside(self) -> None:
        """Have Terraform take the lock off before it does what the lock would refuse.

        Azure refuses to delete an endpoint of a locked registry when azurerm has deleted its DNS
        records already: every pull would fail from then on.
        """
        if self._lock is None:
            return
        held: list[TerraformResource] = [self.private_endpoint]
        if self._audit_logs:
            held.append(self._audit_logs)
        self._lock.depends_on = [_reference(part) for part in held]
        # Under CanNotDelete, what has another id is made anew; under ReadOnly, nothing may change.
        read_only = self._lock.lock_level_input != "CanNotDelete"
        triggers = [_reference(part, "" if read_only else ".id") for part in held]
        registry = self.container_registry
        if isinstance(registry, TerraformResource) and _are_in_one_stack(registry, self):
            triggers.append(_reference(registry, "" if read_only else ".georeplications"))
        self._lock.lifecycle = TerraformResourceLifecycle(replace_triggered_by=triggers)
        # azurerm makes a lock anew for other notes: so it steps aside when the logs come or go.
        self._lock.notes = (
            f"The registry holds images{' and has audit logs' if self._audit_logs else ''}; "
            "remove this lock before you delete it."
        )

    def accept(self, attribute: str, reason: str) -> None:
        """Let one attribute of the registry, its endpoint or its zone break a rule of privacy.

        Without it, a synthesis stops when an override or an aspect breaks one: the rules are those
        of the review. The reason is kept in the JSON beside the attribute, for its reviewer.

        Args:
            attribute: as the rule's message names it, such as ``public_network_access_enabled``.
            reason: why it has to be so, and until when.
        """
        parts = [
            resource
            for resource in self._judged()
            if any(
                rule.required and rule.attribute == attribute
                for rule in rules.RULES
                if rule.type == resource.terraform_resource_type
            )
        ]
        if not parts:
            known = sorted(rule.attribute for rule in rules.RULES if rule.required)
            raise ValueError(
                f"attribute is {attribute!r}: a synthesis requires nothing of it; it requires "
                f"something of {', '.join(known)}"
            )
        self._accepted.add(attribute)
        for resource in parts:
            resource.add_override(f"//.accepted.{attribute}", reason)

    def broken_rules(self) -> list[str]:
        """What keeps the registry from being private, in sentences; nothing, as a rule."""
        return [
            f"[{resource.node.path}] {rule.title} ({rule.attribute}). {rule.remedy} "
            f"Or say why it has to be so: accept({rule.attribute!r}, reason)"
            for resource in self._judged()
            for attributes in resource.to_terraform()["resource"][
                resource.terraform_resource_type
            ].values()
            for rule in rules.broken(resource.terraform_resource_type, attributes)
            if rule.attribute not in self._accepted
        ]

    def _judged(self) -> list[TerraformResource]:
        parts = (self.container_registry, self.private_dns_zone, self.private_endpoint)
        return [part for part in parts if isinstance(part, TerraformResource)]

    def _login_server(self) -> str:
        """The registry's own word for it; for one that is known by its id only, its endpoint's."""
        if not isinstance(self.container_registry, Existing):
            return self.container_registry.login_server
        of_registry = addresses.registry_host_name(self.addresses.fqn)
        return TerraformLocal(self, "login_server", _expression(of_registry)).as_string


@jsii.implements(IValidation)
class _StaysPrivate:
    """Stops a synthesis that would weaken a registry: for all of an app, since a check takes 10 ms.

    Asked by the first stack before a registry's JSON is written, and by the app when the aspects of
    all stacks have had their say.
    """

    _of: ClassVar[WeakKeyDictionary[IConstruct, _StaysPrivate]] = WeakKeyDictionary()

    def __init__(self) -> None:
        self.registries: list[PrivateContainerRegistry] = []

    @classmethod
    def of(cls, construct: Construct) -> _StaysPrivate:
        """The one of the construct's app."""
        root = construct.node.root
        if root not in cls._of:
            cls._of[root] = cls()
            for node in (TerraformStack.of(construct).node, root.node):
                node.add_validation(cls._of[root])
        return cls._of[root]

    def validate(self) -> list[str]:
        """What is wrong, as constructs wants it."""
        return [broken for registry in self.registries for broken in registry.broken_rules()]


def _expression(terraform: str) -> str:
    return f"${{{terraform}}}"


def _reference(resource: TerraformResource, attribute: str = "") -> str:
    """What ``depends_on`` and ``replace_triggered_by`` take: a reference that is no expression."""
    return f"{resource.terraform_resource_type}.{resource.friendly_unique_id}{attribute}"


def _are_in_one_stack(one: IConstruct, other: IConstruct) -> bool:
    stacks = [TerraformStack.of(each).node.path for each in (one, other)]
    return stacks[0] == stacks[1]


def _needed(value: str | None, what: str) -> str:
    if value is None:
        raise ValueError(f"{what} is needed, or one that exists")
    return value


def _replicas(
    replicas: Sequence[ContainerRegistryGeoreplications],
) -> list[ContainerRegistryGeoreplications] | None:
    """In the order of their regions: in any other, azurerm shows a change in each plan.

    Each takes pulls unless it says otherwise: azurerm would send false, and the replica would be
    paid for and never used.
    """
    return [
        ContainerRegistryGeoreplications(
            location=replica.location,
            regional_endpoint_enabled=(
                True
                if replica.regional_endpoint_enabled is None
                else replica.regional_endpoint_enabled
            ),
            tags=replica.tags,
            zone_redundancy_enabled=replica.zone_redundancy_enabled,
        )
        for replica in sorted(replicas, key=lambda replica: azure.region(replica.location))
    ] or None


def _identity(identity: ContainerRegistryIdentity | None) -> ContainerRegistryIdentity | None:
    if identity is None or identity.identity_ids is None:
        return identity
    return ContainerRegistryIdentity(
        type=identity.type, identity_ids=[azure.spelled(id) for id in identity.identity_ids]
    )


def _checked(tags: Mapping[str, str]) -> Mapping[str, str] | None:
    """Tags that Azure takes, as far as they are no tokens; none where there are none."""
    wrong = [reason for _, reason in azure.wrong_tags(tags)]
    for rule, texts in ((azure.tag_name, tags.keys()), (azure.tag_value, tags.values())):
        for text in texts:
            try:
                if not Token.is_unresolved(text):
                    rule(text)
            except ValueError as error:
                wrong.append(f"{text!r}: {error}")
    if wrong:
        raise ValueError(f"tags: {'; '.join(wrong)}")
    return tags or None


def _region(location: str) -> str:
    """A region as Azure writes it in names, by Terraform where it is known only to it."""
    if Token.is_unresolved(location):
        return Token.as_string(Fn.lower(Fn.replace(location, " ", "")))
    return azure.region(location)


def _static_addresses(by_member: Mapping[str, str]) -> list[PrivateEndpointIpConfiguration] | None:
    members = {
        name if name == "registry" else f"registry_data_{_region(name)}": address
        for name, address in by_member.items()
    }
    if len(members) < len(by_member):
        raise ValueError(
            f"private_ip_addresses has one region in two spellings: {', '.join(by_member)}"
        )
    return [
        PrivateEndpointIpConfiguration(
            name=member,
            member_name=member,
            subresource_name="registry",
            private_ip_address=address,
        )
        for member, address in sorted(members.items())
    ] or None


def _prefix_inside(
    virtual_network: DataAzurermVirtualNetwork | VirtualNetwork, address_prefix: str | None
) -> TerraformResourceLifecycle:
    """Fail the plan, before anything is made, when the prefix is outside the network.

    Azure would say so too, but only at apply, with the registry already being made.
    """
    space = f"{virtual_network.fqn}.address_space"
    return TerraformResourceLifecycle(
        precondition=[
            Precondition(
                condition=_expression(addresses.lies_in(Fn.tostring(address_prefix), space)),
                error_message=f"The address prefix {address_prefix} is outside the address space "
                f'of the virtual network {virtual_network.name}: ${{join(", ", {space})}}.',
            )
        ]
    )
