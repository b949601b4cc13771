"""Azure's refusals: the code of each, and how it is known; the check that uses it says what it is.

The code is Azure's own where a source quotes it, and `BadRequest` where none does. Terraform shows
both the code and what `error` says beside it.
"""

from collections.abc import Iterator
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
    """A kind of request that Azure refuses: its code, and where it is written."""

    code: str
    source: str

    # Of every type
    GROUP_IS_MISSING = ("ResourceGroupNotFound", f"{MANAGER}troubleshooting/error-not-found")
    PARENT_IS_MISSING = ("ParentResourceNotFound", f"{MANAGER}troubleshooting/error-not-found")
    NAMESPACE_IS_NOT_REGISTERED = (
        "MissingSubscriptionRegistration",
        f"{MANAGER}troubleshooting/error-register-resource-provider",
    )
    LOCKED = ("ScopeLocked", f"{MANAGER}management/lock-resources")
    TAG_NAMES = ("InvalidTagNameCharacters", f"{MANAGER}management/tag-resources")
    TOO_MANY_DNS_TAGS = ("InvalidTags", f"{AZURERM}issues/6129")
    GROUP_IS_NOT_EMPTY = (
        "BadRequest",
        f"{AZURERM}blob/v4.55.0/internal/services/resource/resource_group_resource.go",
    )

    # Networks
    SUBNET_OUTSIDE_NETWORK = (
        "NetcfgSubnetRangeOutsideVnet",
        f"{MICROSOFT}virtual-network/virtual-networks-faq",
    )
    SUBNETS_OVERLAP = (
        "NetcfgSubnetRangesOverlap",
        f"{MICROSOFT}virtual-network/virtual-networks-faq",
    )
    PREFIX_IN_USE = ("InUsePrefixCannotBeDeleted", f"{AZURERM}issues/11211")
    SUBNET_IN_USE = ("InUseSubnetCannotBeDeleted", f"{AZURERM}issues/334")

    # Registries
    REGISTRY_NAME_IN_USE = ("AlreadyInUse", f"{MANAGER}management/resource-name-rules")
    NEEDS_PREMIUM = ("BadRequest", f"{REGISTRY}container-registry-skus")
    EXPORT_WITHOUT_PRIVACY = ("BadRequest", f"{REGISTRY}data-loss-prevention")
    KEY_WITHOUT_IDENTITY = ("BadRequest", f"{AZURERM}issues/13114")
    ENCRYPTION_OF_EXISTING = ("BadRequest", f"{REGISTRY}tutorial-customer-managed-keys")
    REPLICA_BESIDE_STATIC_ADDRESSES = (
        "BadRequest",
        f"{REGISTRY}container-registry-geo-replication",
    )

    # Private DNS
    ZONE_WITH_LINK = ("CannotDeleteResource", f"{MICROSOFT}dns/private-dns-privatednszone")
    LINKED_NETWORK_IS_MISSING = ("BadRequest", f"{MICROSOFT}dns/private-dns-virtual-network-links")
    SECOND_ZONE_OF_A_NAME = ("BadRequest", f"{MICROSOFT}dns/private-dns-virtual-network-links")

    # Private endpoints
    INTERFACE_IN_USE = ("BadRequest", f"{MICROSOFT}private-link/private-endpoint-overview")
    ENDPOINT_OUTSIDE_REGION = (
        "InvalidResourceReference",
        f"{MICROSOFT}private-link/private-endpoint-overview",
    )
    TARGET_IS_MISSING = ("ResourceNotFound", f"{MANAGER}troubleshooting/error-not-found")
    GROUP_IDS = ("BadRequest", f"{MICROSOFT}private-link/private-endpoint-overview")
    ENDPOINT_ZONE_IS_MISSING = (
        "InvalidPrivateDnsZoneIds",
        f"{MICROSOFT}private-link/private-endpoint-dns",
    )
    MEMBERS_WITHOUT_ADDRESS = (
        "PrivateEndpointIpConfigurationMissingMemberNamesRequiredByFps",
        f"{AZURERM}issues/21781",
    )
    ADDRESS_IS_NOT_FREE = ("BadRequest", f"{MICROSOFT}virtual-network/virtual-networks-faq")
    SUBNET_IS_FULL = ("SubnetIsFull", f"{REGISTRY}container-registry-private-link")

    # Tokens and roles
    ACTION_IS_UNKNOWN = (
        "BadRequest",
        f"{REGISTRY}container-registry-token-based-repository-permissions",
    )
    SCOPE_MAP_IS_MISSING = (
        "BadRequest",
        f"{REGISTRY}container-registry-token-based-repository-permissions",
    )
    ROLE_IS_ASSIGNED = (
        "RoleAssignmentExists",
        f"{MICROSOFT}role-based-access-control/troubleshooting",
    )

    # The cache
    UPSTREAM_IS_UNKNOWN = ("BadRequest", f"{ACR}issues/862")
    UPSTREAM_NEEDS_IDENTITY = ("BadRequest", f"{REGISTRY}artifact-cache-overview")
    DOCKER_WITHOUT_LOGIN = ("EnforceDockerAuthentication", f"{AZURERM}pull/27983")
    LOGIN_IS_NEEDED = ("BadRequest", f"{REGISTRY}artifact-cache-overview")
    LOGIN_IS_NOT_TAKEN = ("BadRequest", f"{REGISTRY}artifact-cache-overview")
    CREDENTIAL_SET_IS_MISSING = ("BadRequest", f"{REGISTRY}artifact-cache-overview")
    CREDENTIAL_SET_NAME = ("BadRequest", f"{SPECIFICATION}Registry/CredentialSet.tsp")
    REPOSITORY_NAME = ("BadRequest", f"{ACR}issues/766")
    ONE_WILDCARD = ("BadRequest", f"{REGISTRY}wildcards-artifact-cache")
    CACHE_RULES_OVERLAP = ("BadRequest", f"{REGISTRY}wildcards-artifact-cache")
    TOO_MANY_CACHE_RULES = ("BadRequest", f"{REGISTRY}artifact-cache-overview")
    TARGET_HAS_IMAGES = (
        "TargetRepositoryAlreadyPresentInRegistry",
        "https://github.com/Azure/ARO-HCP/pull/2639",
    )
    WILDCARD_HAS_IMAGES = (
        "TargetRepositoryPrefixMatchesExistingRegistries",
        "https://github.com/Azure/ARO-HCP/pull/5176",
    )

    # Images: refused to a client of the registry, and not to Terraform
    IMAGE_IS_MISSING = (
        "NAME_UNKNOWN",
        "https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md",
    )
    CACHE_WITHOUT_TRUSTED_SERVICES = ("DENIED", f"{REGISTRY}allow-access-trusted-services")
    UNHEALTHY_CREDENTIALS = ("UNAUTHORIZED", f"{REGISTRY}troubleshoot-artifact-cache")
    IMPORT_WITHOUT_TRUSTED_SERVICES = ("DENIED", f"{REGISTRY}container-registry-import-images")
    EXPORT_IS_DISABLED = ("DENIED", f"{REGISTRY}data-loss-prevention")
    IMPORT_INTO_CACHE = ("DENIED", f"{ACR}issues/845")

    def __new__(cls, code: str, source: str) -> "Refusal":
        """Names the parts of a row, and numbers the rows: two may have the same parts."""
        row = object.__new__(cls)
        row._value_ = len(cls.__members__)
        row.code, row.source = code, source
        return row

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


Errors = Iterator[AzureError]
"""What Azure finds wrong with a request; it answers with the first error."""
