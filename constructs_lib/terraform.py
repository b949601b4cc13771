"""Terraform's expressions, as text: among them those that choose addresses by host name.

Arguments of the functions that return expressions are expressions themselves, such as
``azurerm_private_endpoint.acr``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from .azure import regions

_TEMPLATE = re.compile(r"(?<!\$)\$\{|(?<!%)%\{|[#&]\{TfToken\[")
_TOKEN = re.compile(r"(\$\{TfToken\[[^\]]+\]\})")


def is_known(value: object) -> bool:
    """Whether a value is known here, or only to Terraform: a token of cdktf, or a template."""
    if isinstance(value, str):
        return not _TEMPLATE.search(value)
    if isinstance(value, Mapping):  # a token in the place of a whole mapping is its only key
        return not any(isinstance(key, str) and key.startswith("&{TfToken[") for key in value)
    if isinstance(value, list | tuple):  # and that of a whole list is its only item
        return not any(isinstance(item, str) and item.startswith("#{TfToken[") for item in value)
    return isinstance(value, os.PathLike) or not hasattr(value, "resolve")


def literal(text: str) -> str:
    """A text as Terraform has to read it to take it as it is, not as a template."""
    return text.replace("${", "$${").replace("%{", "%%{")


def expression(text: str) -> str:
    """An expression in the place of a value."""
    return f"${{{text}}}"


NULL = expression("null")
"""The value of what there is not."""


def attribute(resource: str, path: str) -> str:
    """The value of an attribute of a resource, or of a part of it."""
    return expression(f"{resource}.{path}")


def is_resource(thing: object) -> bool:
    """Whether a construct of the bindings is a resource, which a data source is not."""
    return hasattr(thing, "import_from")


def reference(resource: Any, attribute: str = "") -> str:
    """What ``depends_on`` and ``replace_triggered_by`` take: a reference, not an expression."""
    return f"{resource.terraform_resource_type}.{resource.friendly_unique_id}{attribute}"


def operand(text: str) -> str:
    """A text as a part of an expression, in which cdktf writes its tokens without braces."""
    parts = [part for part in _TOKEN.split(text) if part]
    operands = [part if _TOKEN.fullmatch(part) else f'"{part}"' for part in parts]
    return operands[0] if len(operands) == 1 else f'join("", [{", ".join(operands)}])'


def segment(id: str, number: int) -> str:
    """One segment of an id that only Terraform knows."""
    return expression(f'element(split("/", {operand(id)}), {number})')


def region(location: str) -> str:
    """A region as Azure writes it in names, by Terraform where only Terraform knows it."""
    if is_known(location):
        return regions.region(location)
    return expression(f'lower(replace({operand(location)}, " ", ""))')


def by_host_name(endpoint: str) -> str:
    """Map each host name that the private endpoint answers for to the list of its addresses.

    The endpoint's DNS records are the only place in Terraform's state that ties an address to a
    name: in ``record_sets`` once a DNS zone group is attached, in ``custom_dns_configs`` before
    that, and in no promised order. The endpoint's own ``private_ip_address`` is that of its first
    IP configuration: as a rule a data endpoint's, not the registry's.
    """
    records = (
        f"concat(flatten({endpoint}.private_dns_zone_configs[*].record_sets), "
        f"{endpoint}.custom_dns_configs)"
    )
    lists = f'{{for r in {records} : replace(r.fqdn, ".privatelink.", ".") => r.ip_addresses...}}'
    return expression(f"{{for host, lists in {lists} : host => distinct(flatten(lists))}}")


def of_data_endpoints(addresses: str) -> str:
    """Map each data endpoint's host name to its address, out of the map of :func:`by_host_name`.

    Azure names them ``<registry>.<region>.data.azurecr.io``. One without a single address has
    null.
    """
    address = "try(one(ips), null)"
    return expression(
        f'{{for host, ips in {addresses} : host => {address} if strcontains(host, ".data.")}}'
    )


def address_of(host: str, addresses: str) -> str:
    """The one address of a host in the map of :func:`by_host_name`, or null where it has none."""
    return expression(f"one(try({addresses}[{operand(host)}], []))")


def registry_host_name(addresses: str) -> str:
    """The registry's own host name in the map of :func:`by_host_name`, or null where it has none.

    For a registry whose resource Terraform does not see: all other host names of an endpoint have
    a region between the registry's name and the domain's two labels.
    """
    return expression(
        f'one([for host in keys({addresses}) : host if length(split(".", host)) == 3])'
    )


def mapping(values: Mapping[str, str]) -> str:
    """A map of names to the values of expressions."""
    if not values:
        return expression("{}")
    given = ", ".join(values.values())
    return expression(f"one([for values in [[{given}]] : zipmap([{_names(values)}], values)])")


def docker_configs(host: str, passwords: Mapping[str, str]) -> str:
    """A map from each user to what a pull secret holds in its key ``.dockerconfigjson``.

    Args:
        host: the one host that they log in to.
        passwords: an expression for the password of each user, the first of whom only Terraform may
            know.
    """
    if not passwords:
        return expression("{}")
    config = (
        "jsonencode({auths = {(host) = "
        '{auth = base64encode(join(":", [name, passwords[index]]))}}})'
    )
    return expression(
        # As below, the values come first.
        f"one(flatten([for host in [{operand(host)}] : "
        f"[for passwords in [[{', '.join(passwords.values())}]] : "
        f"{{for index, name in [{_names(passwords)}] : name => {config}}}]]))"
    )


def _names(of: Mapping[str, str]) -> str:
    return ", ".join(map(operand, of))


def password_is_known(token: str, address: str) -> dict[str, str]:
    """A postcondition of a token's password: Terraform knows its value, or generates it.

    It does not know it after an import, since Azure shows a password only once. azurerm 4.55.0
    plans to generate a password that was deleted in Azure beside another one, and then deletes both
    (``container_registry_token_password_resource.go``).
    """
    return {
        "condition": expression("try(length(self.password1[0].value), 0) > 0"),
        "error_message": f"Terraform does not know password1 of the token {token}: it was deleted "
        "in Azure, where the token has another password, or it was imported. Run make deploy "
        f"ARGS=-replace={address} (terraform apply has the same option): it deletes all passwords "
        "of the token, and generates password1 anew. Pulls with this token fail until the cluster "
        "has the new pull secret.",
    }


def pulls_from(repositories: Iterable[str]) -> list[str]:
    """The actions of a scope map for pulls from some repositories, each once.

    Args:
        repositories: their names, some of which only Terraform may know.
    """
    actions = [f"repositories/{{}}/{what}/read" for what in ("content", "metadata")]
    return [action.format(name) for name in dict.fromkeys(repositories) for action in actions]


def pulls_from_all_of(repositories: str) -> str:
    """The same actions for a list that only Terraform knows, as an expression for both lists."""
    return expression(
        f"flatten([for name in distinct({operand(repositories)}) : "
        f'[for what in ["content", "metadata"] : "repositories/${{name}}/${{what}}/read"]])'
    )


def image_mirrors(
    host: str, cache_rules: Mapping[str, str], source_policy: str | None = None
) -> str:
    """The mirror sets that have OpenShift's nodes pull through a cache, as YAML documents.

    A wildcard at the end of a source or a target stands for what OpenShift matches anyway: each
    repository under a path.

    Args:
        host: the login server of the registry that caches.
        cache_rules: its cache rules, from each target to its source.
        source_policy: whether nodes ask the source if the mirror fails; as OpenShift has it, if
            none is given.
    """
    pairs = ", ".join(
        f"[{operand(source)}, {operand(target)}]" for target, source in cache_rules.items()
    )
    policy = f", mirrorSourcePolicy = {operand(source_policy)}" if source_policy else ""
    mirrors = (
        '[for pair in pairs : {source = trimsuffix(pair[0], "/*"), '
        f'mirrors = [trimsuffix(trimsuffix(join("/", [host, pair[1]]), "*"), "/")]{policy}}}]'
    )
    return "---\n".join(
        # The values come first: cdktf would take a token between two quotes for a part of a text.
        expression(
            f"one(flatten([for host in [{operand(host)}] : [for pairs in [[{pairs}]] : "
            f'yamlencode({{apiVersion = "config.openshift.io/v1", kind = "Image{kind}MirrorSet", '
            f'metadata = {{name = split(".", host)[0]}}, spec = {{image{kind}Mirrors = {mirrors}}}'
            f"}})]]))"
        )
        for kind in ("Digest", "Tag")
    )


def inside(subnet: Any, network: Any) -> dict[str, str]:
    """A precondition: a subnet's prefix lies in the address space of its network.

    Azure would refuse another prefix too, but only at apply, while it creates the registry.
    """
    prefix, address = subnet.address_prefix, network.fqn
    space = f"{address}.address_space"
    return {
        "condition": expression(lies_in(f"tostring({operand(prefix)})", space)),
        "error_message": f"The address prefix {prefix} is outside the address space of the virtual "
        f'network ${{{address}.name}}: ${{join(", ", {space})}}.',
    }


def lies_in(prefix: str, address_space: str) -> str:
    """Whether the address ``prefix`` lies in one of the prefixes of an ``address_space``.

    Terraform has no function for it: a prefix lies in a space when it is no shorter, and when
    cutting it to the space's length gives the space's first address. What can't be compared, such
    as an IPv6 space, does not contain it.
    """
    base, length, space_length = (
        f'split("/", {prefix})[0]',
        f'tonumber(split("/", {prefix})[1])',
        'split("/", space)[1]',
    )
    same_start = f'cidrhost("${{{base}}}/${{{space_length}}}", 0) == cidrhost(space, 0)'
    return (
        f"anytrue([for space in {address_space} : "
        f"try(tonumber({space_length}) <= {length} && {same_start}, false)])"
    )
