"""What clients do with a registry's images: they pull, through the cache as well, and import."""

from typing import Final

from ..refusals import AzureError, Refusal
from ..store import Contents, Resource, children, get
from . import cache_rules, credential_sets, locks

TRUSTED_SERVICES: Final = "AzureServices"


def pull(cloud: Contents, registry_id: str, repository: str) -> AzureError | None:
    """Pulls an image; the first pull of a repository in the cache fetches it from the upstream."""
    repositories = get(cloud, registry_id).setdefault("repositories", [])
    if repository in repositories:
        return None
    error = fetching_error(cloud, registry_id, repository)
    if not error:
        repositories.append(repository)
    return error


def import_image(
    cloud: Contents, registry_id: str, repository: str, source_id: str = "", source: str = ""
) -> AzureError | None:
    """Imports an image: a POST, which Azure makes as a trusted service.

    It comes from the repository `source` of the registry `source_id`; without one, from outside of
    Azure.
    """
    registry, other = get(cloud, registry_id), get(cloud, source_id)
    if error := next(locks.no_read_only_lock(cloud, registry_id, registry), None):
        return error
    if rule_of(cloud, registry_id, repository):
        return Refusal.IMPORT_INTO_CACHE.error(f"'{repository}' is the target of a cache rule.")
    if not (_may_trusted_services(registry) and _may_trusted_services(other)):
        return Refusal.IMPORT_WITHOUT_TRUSTED_SERVICES.error(
            "the registry is not reached: network_rule_bypass_option is None."
        )
    if not other.get("export_policy_enabled", True):
        return Refusal.EXPORT_IS_DISABLED.error("export_policy_enabled of the source is false.")
    if source_id and source not in other.get("repositories", []):
        return Refusal.IMAGE_IS_MISSING.error(f"repository {source} is not found in the source")
    registry.setdefault("repositories", []).append(repository)
    return None


def _may_trusted_services(registry: Resource) -> bool:
    is_public = registry.get("public_network_access_enabled", True)
    bypass = registry.get("network_rule_bypass_option", TRUSTED_SERVICES)
    return bool(is_public or bypass == TRUSTED_SERVICES)


def rule_of(cloud: Contents, registry_id: str, repository: str) -> Resource | None:
    """Returns the cache rule for a repository: its own one, before a wildcard."""
    rules = [
        rule
        for _, rule in children(cloud, cache_rules.TYPE, registry_id)
        if cache_rules.holds(rule["target_repo"], repository)
    ]
    return max(rules, key=lambda rule: len(rule["target_repo"]), default=None)


def fetching_error(cloud: Contents, registry_id: str, repository: str) -> AzureError | None:
    """Returns why a registry cannot fetch a repository from its upstream, or None."""
    rule = rule_of(cloud, registry_id, repository)
    if not rule:
        return Refusal.IMAGE_IS_MISSING.error(f"repository {repository} is not found.")
    if not _may_trusted_services(get(cloud, registry_id)):
        return Refusal.CACHE_WITHOUT_TRUSTED_SERVICES.error(
            "the cache is not filled: network_rule_bypass_option is None."
        )
    credential_set = rule.get("credential_set_id")
    if not credential_set:
        return None
    upstream = cache_rules.upstream_of(rule)
    is_healthy = credential_sets.may_read_secrets(cloud, credential_set)
    if is_healthy and get(cloud, credential_set).get("login_server", upstream) == upstream:
        return None
    return Refusal.UNHEALTHY_CREDENTIALS.error(
        f"the credential set {credential_set} cannot log in to {upstream}."
    )
