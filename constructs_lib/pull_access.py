"""What lets others pull from a registry and push to it: tokens, roles, logins and cache rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import terraform
from .arguments.additions import (
    CredentialSet,
    NewCacheRule,
    NewCredentialSet,
    NewPullToken,
    Role,
    RoleAssignment,
)
from .arguments.problems import Problem
from .checks.guard import Guard
from .checks.warn import warn_of_its_end

if TYPE_CHECKING:  # at run time, the construct hands over what it has imported
    from cdktf_cdktf_provider_azurerm.container_registry_cache_rule import (
        ContainerRegistryCacheRule,
    )
    from cdktf_cdktf_provider_azurerm.container_registry_credential_set import (
        ContainerRegistryCredentialSet,
    )
    from cdktf_cdktf_provider_azurerm.container_registry_token import ContainerRegistryToken
    from cdktf_cdktf_provider_azurerm.role_assignment import RoleAssignment as AssignedRole

READS_SECRETS = "Key Vault Secrets User"


class PullAccess:
    """Creates these resources in a registry's construct, and keeps what its outputs are made of."""

    def __init__(
        self,
        construct: Any,
        guard: Guard,
        core: Any,
        bindings: Any,
        protected: Mapping[str, list[Any]],
    ) -> None:
        """Begin without any.

        Args:
            construct: the construct, whose registry has its attributes.
            guard: what checks each addition.
            core: cdktf's own package, which has the tokens.
            bindings: the package of azurerm's resources.
            protected: by its kind, what a lock on the registry protects; it gets each addition.
        """
        self._construct, self._guard, self._bindings = construct, guard, bindings
        self._core, self._protected = core, protected
        self._passwords: dict[str, str] = {}
        self._identities: dict[str, str] = {}
        self._logins: dict[str, NewCredentialSet] = {}

    def add_token(self, token: NewPullToken) -> ContainerRegistryToken:
        """A token, on a scope map of its own if it is for some repositories only."""
        is_default = self._has_the_ids_of_old(token.name)
        self._add("pull_tokens", token.name, token)
        warn_of_its_end(self._construct, token.name, token.expiry)
        of_name = "" if is_default else f"_{token.name}"
        prefix = "pull_token" if is_default else "token"
        registry = self._construct.container_registry
        place = {
            "container_registry_name": registry.name,
            "resource_group_name": registry.resource_group_name,
        }
        scope_map_id = f"{self._construct.registry_id}/scopeMaps/_repositories_pull"
        protected = self._protected["a pull token" if is_default else "further pull tokens"]
        if token.repositories is not None:
            scope_map = self._bindings.container_registry_scope_map.ContainerRegistryScopeMap(
                self._construct,
                f"{prefix}_scope_map{of_name}",
                name=token.name,
                actions=self._pulls_from(token.repositories),
                **place,
            )
            scope_map_id = scope_map.id
            protected.append(scope_map)
        resource = self._bindings.container_registry_token.ContainerRegistryToken
        added: ContainerRegistryToken = resource(
            self._construct,
            f"{prefix}{of_name}",
            name=token.name,
            scope_map_id=scope_map_id,
            **place,
        )
        protected.append(added)
        password = self._add_password(f"{prefix}_password{of_name}", added, token)
        # A name that only Terraform knows comes first, as the docker configs want it.
        is_first = not terraform.is_known(token.name)
        new = {token.name: password}
        self._passwords = {**new, **self._passwords} if is_first else {**self._passwords, **new}
        return added

    def _pulls_from(self, repositories: list[str]) -> Any:
        """The actions of a scope map, also for a list that only Terraform knows as a whole."""
        if terraform.is_known(repositories):
            return terraform.pulls_from(repositories)
        tokens = self._core.Token
        return tokens.as_list(terraform.pulls_from_all_of(tokens.as_string(repositories)))

    def _has_the_ids_of_old(self, name: str) -> bool:
        """Whether a token's resources have the ids that they had when a registry had one token.

        It is the one with the default name, or one whose name only Terraform knows.
        """
        if name != NewPullToken().name and terraform.is_known(name):
            return False
        if self._protected["a pull token"] and name not in self._guard.request.pull_tokens:
            reason = "it is needed here, since it is a part of the ids of the token's resources"
            self._guard.refuse([Problem(("name",), name, reason)])
        return True

    def _add_password(self, id: str, token: Any, arguments: NewPullToken) -> str:
        """A reference to the password of a token, of which Terraform must know the value."""
        passwords = self._bindings.container_registry_token_password
        password = passwords.ContainerRegistryTokenPassword(
            self._construct,
            id,
            container_registry_token_id=token.id,
            password1=passwords.ContainerRegistryTokenPasswordPassword1(expiry=arguments.expiry),
        )
        known = terraform.password_is_known(arguments.name, terraform.reference(password))
        password.add_override("lifecycle.postcondition", [known])
        return f"{password.fqn}.password1[0].value"

    def docker_configs(self) -> str:
        """A map from each token's name to a docker config; empty, if there is no token."""
        return terraform.docker_configs(self._construct.login_server, self._passwords)

    def add_role(self, id: str, principal_id: str, role: Role) -> AssignedRole:
        """A role on the registry."""
        assignment = RoleAssignment(principal_id=principal_id, role=role)
        self._add("role_assignments", id, assignment)
        added: AssignedRole = self._bindings.role_assignment.RoleAssignment(
            self._construct,
            id,
            scope=self._construct.registry_id,
            role_definition_name=assignment.role,
            principal_id=assignment.principal_id,
        )
        self._protected["role assignments"].append(added)
        return added

    def add_credential_set(
        self, credential_set: NewCredentialSet
    ) -> ContainerRegistryCredentialSet:
        """A login to an upstream, whose identity gets its role if the vault is known."""
        name = credential_set.name
        if not terraform.is_known(name):
            reason = "it must be known here, since it is a part of the ids of the set's resources"
            self._guard.refuse([Problem(("name",), name, reason)])
        self._add("credential_sets", name, credential_set)
        sets = self._bindings.container_registry_credential_set
        added: ContainerRegistryCredentialSet = sets.ContainerRegistryCredentialSet(
            self._construct,
            f"credential_set_{name}",
            name=name,
            container_registry_id=self._construct.registry_id,
            login_server=credential_set.login_server,
            authentication_credentials=(
                sets.ContainerRegistryCredentialSetAuthenticationCredentials(
                    username_secret_id=credential_set.username_secret_id,
                    password_secret_id=credential_set.password_secret_id,
                )
            ),
            identity=sets.ContainerRegistryCredentialSetIdentity(type="SystemAssigned"),
        )
        self._protected["credential sets"].append(added)
        self._logins[terraform.attribute(terraform.reference(added), "id")] = credential_set
        principal_id = f"{added.fqn}.identity[0].principal_id"
        if credential_set.key_vault_id is None:
            self._identities[name] = principal_id
        else:
            self._let_it_read(f"credential_set_role_{name}", credential_set, principal_id)
        return added

    def _let_it_read(self, id: str, credential_set: CredentialSet, principal_id: str) -> None:
        self._bindings.role_assignment.RoleAssignment(
            self._construct,
            id,
            scope=credential_set.key_vault_id,
            role_definition_name=READS_SECRETS,
            principal_id=terraform.expression(principal_id),
            skip_service_principal_aad_check=True,  # the identity is new, and not yet known there
        )

    def identities(self) -> str:
        """A map from the name of each credential set to its identity, if that needs a role."""
        return terraform.mapping(self._identities)

    def add_cache_rule(self, id: str, cache_rule: NewCacheRule) -> ContainerRegistryCacheRule:
        """A rule, which is held against those before it."""
        self._guard.extend_cache_rules(cache_rule, self._login(cache_rule.credential_set_id))
        rules = self._bindings.container_registry_cache_rule
        rule: ContainerRegistryCacheRule = rules.ContainerRegistryCacheRule(
            self._construct,
            id,
            **cache_rule.as_in_azurerm(),
            container_registry_id=self._construct.registry_id,
        )
        self._protected["cache rules"].append(rule)
        return rule

    def _login(self, credential_set_id: str | None) -> NewCredentialSet | None:
        """The credential set that was created here, if a rule refers to its id."""
        if not self._logins or not credential_set_id or terraform.is_known(credential_set_id):
            return None
        resolver = self._core.DefaultTokenResolver(self._core.StringConcat())
        resolve = self._core.Tokenization.resolve
        return self._logins.get(
            resolve(credential_set_id, scope=self._construct, resolver=resolver)
        )

    def mirror_sets(self) -> str:
        """YAML of the mirror sets for the cache rules so far; null, if there is none."""
        request, host = self._guard.request, self._construct.login_server
        if not request.cache_rules:
            return terraform.NULL
        sources = {rule.target: rule.source for rule in request.cache_rules}
        return terraform.image_mirrors(host, sources, request.image_mirror_source_policy)

    def _add(self, argument: str, name: str, added: object) -> None:
        """Extend an argument of the request, whose names differ.

        Raises:
            ArgumentError: there is one of this name, or it does not go together.
        """
        others = getattr(self._guard.request, argument)
        if name in others:
            reason = "there is one of this name already; give another name"
            self._guard.refuse([Problem(("container_registry", argument, name), name, reason)])
        changed: dict[str, Any] = {argument: {**others, name: added}}
        self._guard.extend(**changed)
