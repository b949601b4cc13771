"""A token's two passwords: how azurerm generates, keeps and deletes them.

See `container_registry_token_password_resource.go` in azurerm 4.55.0, which was run as well.
"""

from typing import Final

from .. import resource_ids
from ..behaviour import Behaviour
from ..refusals import Errors, Refusal
from ..store import Contents, Resource, get, name_of, same, secret
from . import scope_maps

NAMES: Final = ("password1", "password2")


def scope_map_exists(cloud: Contents, id_: str, token: Resource) -> Errors:
    """A token's scope map must be one of its registry: a built-in one, or one that exists."""
    scope_map = token["scope_map_id"]
    is_known = get(cloud, scope_map) or name_of(scope_map) in scope_maps.BUILT_IN
    if not (is_known and same(resource_ids.parent(scope_map), resource_ids.parent(id_))):
        yield Refusal.SCOPE_MAP_IS_MISSING.error(f"the scope map '{scope_map}' does not exist.")


def store(cloud: Contents, _: str, old: Resource, new: Resource | None) -> Resource | None:
    """Returns the passwords after a write: azurerm only generates those that are new or changed.

    If Azure has more passwords than the configuration, an update of the token first leaves only
    the configured ones. A password that Azure has keeps its value if its expiry is the same.

    azurerm does not see a password without an expiry that an update adds: all values of its block
    are null. So it generates none, and removes one that Azure has.
    """
    existing = {name: old[name] for name in NAMES if old.get(name)}
    planned = {
        name: block
        for name in NAMES
        if (block := (new or {}).get(name))
        and (not existing or name in existing or block[0].get("expiry"))
    }
    if len(existing) > len(planned):
        existing = {name: each for name, each in existing.items() if name in planned}
    for name, (password, *_) in planned.items():
        kept = existing.get(name, [{}])[0]
        if name not in existing or kept.get("expiry") != password.get("expiry"):
            cloud["generated"] = cloud.get("generated", 0) + 1
            existing[name] = [{**password, "number": cloud["generated"]}]
    if not (new and existing):
        return None
    return {**new, **{name: existing.get(name, []) for name in NAMES}}


def compute(_: Contents, id_: str, resource: Resource) -> Resource:
    """Returns the passwords with their values, which differ for each that was generated."""
    return {
        name: [
            {**each, "value": secret(id_, name, str(each.get("number", 0)))}
            for each in resource.get(name, [])
        ]
        for name in NAMES
    }


def known(state: Resource, before: Resource, after: Resource) -> Resource:
    """Returns the passwords with the values that azurerm knows: Azure shows each only once.

    It knows those that were generated just now, and those that its state has. An imported password
    has an empty value, and one that was generated without Terraform has its old one.
    """
    values = {
        name: [{**each, "value": _value(state, name)} for each in after[name]]
        for name in NAMES
        if after[name] == before.get(name)
    }
    return {**after, **values}


def _value(state: Resource, name: str) -> str:
    return next((each["value"] for each in state.get(name) or [] if each.get("value")), "")


TOKEN_BEHAVIOUR: Final = Behaviour(write=(scope_map_exists,))
PASSWORD_BEHAVIOUR: Final = Behaviour(store=store, compute=compute, known=known)
