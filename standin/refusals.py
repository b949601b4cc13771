"""Azure's refusals: each request that the simulated Azure refuses, and how that is known.

The code is Azure's own where a source quotes it, and `BadRequest` where none does. Terraform shows
both the code and what `error` says beside it.
"""

from enum import Enum
from typing import Final, NamedTuple

MICROSOFT: Final = "https://learn.microsoft.com/azure/"
REGISTRY: Final = f"{MICROSOFT}container-registry/"
MANAGER: Final = f"{MICROSOFT}azure-resource-manager/"
ACR: Final = "https://github.com/Azure/acr/"
AZURERM: Final = "https://github.com/hashicorp/terraform-provider-azurerm/"
SPECIFICATION: Final = (
    "https://github.com/Azure/azure-rest-api-specs/blob/main/specification/containerregistry/"
    "resource-manager/Microsoft.ContainerRegistry/"
)


class Refusal(Enum):
    """A kind of request that Azure refuses: its code, the request, and the source of both."""

    # Of every type
    GROUP_IS_MISSING = (
        "ResourceGroupNotFound",
        "a resource in a resource group that does not exist",
        f"{MANAGER}troubleshooting/error-not-found",
    )
    PARENT_IS_MISSING = (
        "ParentResourceNotFound",
        "a child of a resource that does not exist",
        f"{MANAGER}troubleshooting/error-not-found",
    )
    NAMESPACE_IS_NOT_REGISTERED = (
        "MissingSubscriptionRegistration",
        "a resource of a service that its subscription has not registered",
        f"{MANAGER}troubleshooting/error-register-resource-provider",
    )
    LOCKED = (
        "ScopeLocked",
        "a deletion under a lock, and every write and POST under a ReadOnly lock",
        f"{MANAGER}management/lock-resources",
    )
    TAG_NAMES = (
        "InvalidTagNameCharacters",
        "a tag whose name has one of < > % & \\ ? /, or two names that differ in case only",
        f"{MANAGER}management/tag-resources",
    )
    TOO_MANY_DNS_TAGS = (
        "InvalidTags",
        "more than 15 tags on a private DNS zone or a link",
        f"{AZURERM}issues/6129",
    )

    GROUP_IS_NOT_EMPTY = (
        "BadRequest",
        "the deletion of a resource group with resources, by azurerm's own default",
        f"{AZURERM}blob/v4.55.0/internal/services/resource/resource_group_resource.go",
    )

    # Networks
    SUBNET_OUTSIDE_NETWORK = (
        "NetcfgSubnetRangeOutsideVnet",
        "a subnet outside of its virtual network's address space",
        f"{MICROSOFT}virtual-network/virtual-networks-faq",
    )
    SUBNETS_OVERLAP = (
        "NetcfgSubnetRangesOverlap",
        "a subnet that overlaps another one of its virtual network",
        f"{MICROSOFT}virtual-network/virtual-networks-faq",
    )
    PREFIX_IN_USE = (
        "InUsePrefixCannotBeDeleted",
        "another prefix of a subnet with a private endpoint in it",
        f"{AZURERM}issues/11211",
    )
    SUBNET_IN_USE = (
        "InUseSubnetCannotBeDeleted",
        "the deletion of a subnet with a private endpoint in it",
        f"{AZURERM}issues/334",
    )

    # Registries
    REGISTRY_NAME_IN_USE = (
        "AlreadyInUse",
        "a registry whose name another one has, anywhere in Azure",
        f"{MANAGER}management/resource-name-rules",
    )
    NEEDS_PREMIUM = (
        "BadRequest",
        "an argument of the SKU Premium for another SKU",
        f"{REGISTRY}container-registry-skus",
    )
    EXPORT_WITHOUT_PRIVACY = (
        "BadRequest",
        "public network access, while export is disabled",
        f"{REGISTRY}data-loss-prevention",
    )
    KEY_WITHOUT_IDENTITY = (
        "BadRequest",
        "an encryption key without a user-assigned identity",
        f"{AZURERM}issues/13114",
    )

    ENCRYPTION_OF_EXISTING = (
        "BadRequest",
        "a customer-managed key for a registry that exists, and its removal",
        f"{REGISTRY}tutorial-customer-managed-keys",
    )
    REPLICA_BESIDE_STATIC_ADDRESSES = (
        "BadRequest",
        "a replica while any endpoint of the registry has static addresses",
        f"{REGISTRY}container-registry-geo-replication",
    )

    # Private DNS
    ZONE_WITH_LINK = (
        "CannotDeleteResource",
        "the deletion of a private DNS zone with a virtual network link",
        f"{MICROSOFT}dns/private-dns-privatednszone",
    )
    LINKED_NETWORK_IS_MISSING = (
        "BadRequest",
        "a link to a virtual network that does not exist",
        f"{MICROSOFT}dns/private-dns-virtual-network-links",
    )
    SECOND_ZONE_OF_A_NAME = (
        "BadRequest",
        "a link from a virtual network to a second zone of the same name",
        f"{MICROSOFT}dns/private-dns-virtual-network-links",
    )

    # Private endpoints
    INTERFACE_IN_USE = (
        "BadRequest",
        "an endpoint whose network interface is another endpoint's",
        f"{MICROSOFT}private-link/private-endpoint-overview",
    )
    ENDPOINT_OUTSIDE_REGION = (
        "InvalidResourceReference",
        "an endpoint in another region than its subnet, or in a subnet that does not exist",
        f"{MICROSOFT}private-link/private-endpoint-overview",
    )
    TARGET_IS_MISSING = (
        "ResourceNotFound",
        "an endpoint to a registry that does not exist",
        f"{MANAGER}troubleshooting/error-not-found",
    )
    GROUP_IDS = (
        "BadRequest",
        "an endpoint to a registry whose subresource is another one than `registry`",
        f"{MICROSOFT}private-link/private-endpoint-overview",
    )
    ENDPOINT_ZONE_IS_MISSING = (
        "InvalidPrivateDnsZoneIds",
        "a zone group with a private DNS zone that does not exist",
        f"{MICROSOFT}private-link/private-endpoint-dns",
    )
    MEMBERS_WITHOUT_ADDRESS = (
        "PrivateEndpointIpConfigurationMissingMemberNamesRequiredByFps",
        "static addresses for some members of an endpoint, and not for all",
        f"{AZURERM}issues/21781",
    )
    ADDRESS_IS_NOT_FREE = (
        "BadRequest",
        "a static address outside of the subnet, reserved by Azure, or in use",
        f"{MICROSOFT}virtual-network/virtual-networks-faq",
    )
    SUBNET_IS_FULL = (
        "SubnetIsFull",
        "more members of endpoints than the subnet has addresses",
        f"{REGISTRY}container-registry-private-link",
    )

    # Tokens and roles
    ACTION_IS_UNKNOWN = (
        "BadRequest",
        "a scope map with an action that is none, or with a wildcard within a name",
        f"{REGISTRY}container-registry-token-based-repository-permissions",
    )
    SCOPE_MAP_IS_MISSING = (
        "BadRequest",
        "a token with a scope map that does not exist in its registry",
        f"{REGISTRY}container-registry-token-based-repository-permissions",
    )
    ROLE_IS_ASSIGNED = (
        "RoleAssignmentExists",
        "a second assignment of a role to a principal in one scope",
        f"{MICROSOFT}role-based-access-control/troubleshooting",
    )

    # The cache
    UPSTREAM_IS_UNKNOWN = (
        "BadRequest",
        "a cache rule for an upstream that Azure does not cache from",
        f"{ACR}issues/862",
    )
    UPSTREAM_NEEDS_IDENTITY = (
        "BadRequest",
        "a cache rule for another Azure registry, without the identity that reads it",
        f"{REGISTRY}artifact-cache-overview",
    )
    DOCKER_WITHOUT_LOGIN = (
        "EnforceDockerAuthentication",
        "a cache rule for docker.io without a credential set",
        f"{AZURERM}pull/27983",
    )
    LOGIN_IS_NEEDED = (
        "BadRequest",
        "a cache rule without a credential set, for another upstream that needs one",
        f"{REGISTRY}artifact-cache-overview",
    )
    LOGIN_IS_NOT_TAKEN = (
        "BadRequest",
        "a cache rule with a credential set, for an upstream that takes none",
        f"{REGISTRY}artifact-cache-overview",
    )
    CREDENTIAL_SET_IS_MISSING = (
        "BadRequest",
        "a cache rule with a credential set that does not exist in its registry",
        f"{REGISTRY}artifact-cache-overview",
    )
    CREDENTIAL_SET_NAME = (
        "BadRequest",
        "a credential set whose name is not 5 to 50 letters, digits and `-`",
        f"{SPECIFICATION}Registry/CredentialSet.tsp",
    )
    REPOSITORY_NAME = (
        "BadRequest",
        "a cache rule whose source or target is not the name of a repository",
        f"{ACR}issues/766",
    )
    ONE_WILDCARD = (
        "BadRequest",
        "a cache rule with a wildcard in its source and none in its target, or the reverse",
        f"{REGISTRY}wildcards-artifact-cache",
    )
    CACHE_RULES_OVERLAP = (
        "BadRequest",
        "a cache rule onto the target of another one, or two wildcards that overlap",
        f"{REGISTRY}wildcards-artifact-cache",
    )
    TOO_MANY_CACHE_RULES = (
        "BadRequest",
        "more than 1,000 cache rules in a registry",
        f"{REGISTRY}artifact-cache-overview",
    )

    TARGET_HAS_IMAGES = (
        "TargetRepositoryAlreadyPresentInRegistry",
        "a cache rule onto a repository that exists, which one that was deleted may have cached",
        "https://github.com/Azure/ARO-HCP/pull/2639",
    )
    WILDCARD_HAS_IMAGES = (
        "TargetRepositoryPrefixMatchesExistingRegistries",
        "a cache rule onto a wildcard that a repository which exists matches",
        "https://github.com/Azure/ARO-HCP/pull/5176",
    )

    # Images: refused to a client of the registry, and not to Terraform
    IMAGE_IS_MISSING = (
        "NAME_UNKNOWN",
        "a pull of an image that the registry does not have, and that no cache rule covers",
        "https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md",
    )
    CACHE_WITHOUT_TRUSTED_SERVICES = (
        "DENIED",
        "a first pull through the cache, while public access is off and trusted services are, too",
        f"{REGISTRY}allow-access-trusted-services",
    )
    UNHEALTHY_CREDENTIALS = (
        "UNAUTHORIZED",
        "a first pull through the cache, while the credential set may not read its secrets",
        f"{REGISTRY}troubleshoot-artifact-cache",
    )
    IMPORT_WITHOUT_TRUSTED_SERVICES = (
        "DENIED",
        "an import to or from a registry whose public access and trusted services are both off",
        f"{REGISTRY}container-registry-import-images",
    )
    EXPORT_IS_DISABLED = (
        "DENIED",
        "an import from a registry whose export policy is disabled",
        f"{REGISTRY}data-loss-prevention",
    )
    IMPORT_INTO_CACHE = (
        "DENIED",
        "an import into the target of a cache rule",
        f"{ACR}issues/845",
    )

    def __init__(self, code: str, request: str, source: str) -> None:
        """Names the parts of a row."""
        self.code = code
        self.request = request
        self.source = source

    def error(self, message: str) -> "AzureError":
        """Returns the answer to one request of this kind."""
        return AzureError(self, message)


class AzureError(NamedTuple):
    """Azure's answer to a request that it refuses."""

    refusal: Refusal
    message: str

    def __str__(self) -> str:
        """Returns it as Azure's API writes it."""
        return f"{self.refusal.code}: {self.message}"
