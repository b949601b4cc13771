"""The provider: it answers Terraform's plugin protocol from the schema and the cloud's file."""
# ruff: noqa: N802 - the protocol defines the names of the methods.

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

# The package has no types (see pyproject.toml), so all its objects are Any.
from tf.gen import tfplugin_pb2 as pb
from tf.gen import tfplugin_pb2_grpc as rpc

from . import cloud, resource_ids, schema, store
from .plan_checks import plan_error, replaced_too, update_error
from .requests import PENDING, Answer, Request, answer, transaction
from .resources import cache_rules, roles, zones
from .resources.subscriptions import register, registered
from .wire import attribute_path, decode, encode, errors, wire_block, wire_schemas

# azurerm 4 registers these and more if the configuration does not set registration; 5 does not.
REGISTERED_BY_DEFAULT: Final = ("Microsoft.ContainerRegistry", "Microsoft.Network")
# The stand-in sends a request at most this many times; the real SDK has a limit too.
MAX_ATTEMPTS: Final = 20
# Azure takes minutes to delete a link, for example: what Terraform creates at the same time, and
# what must not exist twice, is refused before that. The time is in seconds.
SLOWLY_DELETED: Final = (zones.LINK, roles.TYPE, cache_rules.TYPE)
DELETION_TAKES: Final = 0.15


class Servicer(rpc.ProviderServicer):
    """The service of one configured provider; its only state is the configured subscription."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Takes the provider's environment, which names the cloud's file and azurerm's version."""
        self.environ = environ
        self.path = Path(environ["STANDIN_CLOUD"])
        self.version = schema.described(environ.get("STANDIN_VERSION", schema.VERSION))
        self.resources = schema.served("resources", self.version)
        self.data_sources = schema.served("data_sources", self.version)
        self.subscription = ""
        self.stopped = threading.Event()

    def GetProviderSchema(self, request: Any, context: Any) -> Any:
        """Returns the schema of the provider, its resources and its data sources."""
        return _schemas(self.version)

    def ValidateProviderConfig(self, request: Any, context: Any) -> Any:
        """Reports no errors: Terraform itself checks the configuration against the schema."""
        return pb.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, request: Any, context: Any) -> Any:
        """Reports the SDK's errors for a resource; Terraform checks the rest by the schema."""
        type_, block = request.type_name, self.resources[request.type_name]
        found = schema.config_errors(block, decode(request.config), type_, self.version)
        return pb.ValidateResourceConfig.Response(diagnostics=errors(*found))

    def ValidateDataResourceConfig(self, request: Any, context: Any) -> Any:
        """Reports the SDK's errors for a data source."""
        type_, block = f"data.{request.type_name}", self.data_sources[request.type_name]
        found = schema.config_errors(block, decode(request.config), type_, self.version)
        return pb.ValidateDataResourceConfig.Response(diagnostics=errors(*found))

    def UpgradeResourceState(self, request: Any, context: Any) -> Any:
        """Returns the state of any version of azurerm as one of this version."""
        block = self.resources[request.type_name]
        state = schema.state(block, json.loads(request.raw_state.json), with_defaults=False)
        return pb.UpgradeResourceState.Response(upgraded_state=encode(state))

    def ConfigureProvider(self, request: Any, context: Any) -> Any:
        """Checks the account and registers the services, during a plan as well as an apply."""
        config = decode(request.config)
        self.subscription = config["subscription_id"] or self.environ.get("ARM_SUBSCRIPTION_ID", "")
        error = self._configuration_error(config) or self._register(config)
        return pb.ConfigureProvider.Response(diagnostics=errors(error))

    def ReadResource(self, request: Any, context: Any) -> Any:
        """Returns the current state of the resource in the cloud."""
        prior = decode(request.current_state)
        with transaction(self.path) as contents:
            error = cloud.read_error(contents, prior["id"])
        name = resource_ids.describe(request.type_name, prior["id"])
        message = f"retrieving {name}: {error}" if error else None
        state = prior if error else self._state(request.type_name, prior["id"], prior)
        return pb.ReadResource.Response(new_state=encode(state), diagnostics=errors(message))

    def ImportResourceState(self, request: Any, context: Any) -> Any:
        """Accepts an id in any case and returns only the id; Terraform then reads the resource."""
        if not resource_ids.parse(request.type_name, request.id):
            error = f'parsing "{request.id}": this is not an id of {request.type_name}'
            return pb.ImportResourceState.Response(diagnostics=errors(error))
        state = schema.state(self.resources[request.type_name], {"id": request.id})
        imported = pb.ImportResourceState.ImportedResource(
            type_name=request.type_name, state=encode(state)
        )
        return pb.ImportResourceState.Response(imported_resources=[imported])

    def ReadDataSource(self, request: Any, context: Any) -> Any:
        """Returns the state of an existing resource, or an error if it does not exist."""
        config = decode(request.config)
        id_ = resource_ids.compose(request.type_name, config, self.subscription)
        with transaction(self.path) as contents:
            found = cloud.view(contents, id_)
        if found is None:
            error = f"{resource_ids.describe(request.type_name, id_)} was not found"
            return pb.ReadDataSource.Response(diagnostics=errors(error))
        block = self.data_sources[request.type_name]
        state = schema.state(block, {**found, "timeouts": config["timeouts"]})
        return pb.ReadDataSource.Response(state=encode(state))

    def PlanResourceChange(self, request: Any, context: Any) -> Any:
        """Returns the planned state and the paths of the changes that force a new resource."""
        prior, config = decode(request.prior_state), decode(request.config)
        if config is None:
            return pb.PlanResourceChange.Response(planned_state=request.proposed_new_state)
        block = self.resources[request.type_name]
        planned = schema.plan(block, config, prior)
        paths = [*schema.replacement_paths(block, prior, planned)] if prior else []
        paths += replaced_too(request.type_name, prior, planned) if prior else []
        return pb.PlanResourceChange.Response(
            planned_state=encode(planned),
            requires_replace=[attribute_path(path) for path in paths],
            diagnostics=errors(plan_error(request.type_name, planned)),
            # The real SDK also sets this flag. Without it, Terraform refuses the default of an
            # argument that is not computed.
            legacy_type_system=True,
        )

    def ApplyResourceChange(self, request: Any, context: Any) -> Any:
        """Creates, updates or deletes the resource in the cloud and returns its new state."""
        prior, planned = decode(request.prior_state), decode(request.planned_state)
        operation = "delete" if planned is None else "update" if prior else "create"
        values = planned or prior
        block = self.resources[request.type_name]
        id_ = (prior or {}).get("id") or resource_ids.compose(
            request.type_name, values, self.subscription
        )
        resource = {"type": request.type_name, **schema.settings(block, values)}
        with transaction(self.path) as contents:
            before = cloud.view(contents, id_) or {}
        error = update_error(request.type_name, self.version) if operation == "update" else None
        result = Answer(0, error) if error else self._request(operation, id_, resource)
        state = prior if result.error else planned
        if result.has_resource and planned is not None:
            state = self._state(request.type_name, id_, planned, before)
        return pb.ApplyResourceChange.Response(
            new_state=encode(state),
            diagnostics=errors(result.error),
            legacy_type_system=True,
        )

    def StopProvider(self, request: Any, context: Any) -> Any:
        """Waits for no answer any more, like the real SDK after Ctrl-C; the cloud goes on."""
        self.stopped.set()
        return pb.StopProvider.Response()

    def _state(self, type_: str, id_: str, values: Any, before: Any = None) -> Any:
        """Returns the state of what Azure has, and had before a write, or None if it has nothing.

        `values` are those of the state, or those that were planned.
        """
        with transaction(self.path) as contents:
            found = cloud.view(contents, id_)
        if found is None:
            return None
        known = cloud.known(values, found if before is None else before, found)
        block = self.resources[type_]
        return schema.state(block, {**known, "timeouts": values["timeouts"]})

    def _configuration_error(self, config: Mapping[str, Any]) -> str | None:
        """Returns the real provider's error for the account's configuration, or None."""
        if not self.subscription:
            return (
                "`subscription_id` is a required provider property when performing a plan/apply "
                "operation"
            )
        skips = self.environ.get("ARM_SKIP_PROVIDER_REGISTRATION", "").lower() == "true"
        if skips and config["resource_provider_registrations"]:
            return (
                "provider property `skip_provider_registration` cannot be set at the same time as "
                "`resource_provider_registrations`, please remove `skip_provider_registration` "
                "from your configuration or unset the `ARM_SKIP_PROVIDER_REGISTRATION` environment "
                "variable"
            )
        environment = config["environment"] or self.environ.get("ARM_ENVIRONMENT", "public")
        with transaction(self.path) as contents:
            if environment != contents["environment"]:
                return (
                    "AADSTS900382: Confidential Client is not supported in Cross Cloud request: "
                    f"{environment}, {contents['environment']}"
                )
        return None

    def _register(self, config: Mapping[str, Any]) -> str | None:
        """Registers the requested namespaces that are not registered; returns an error or None."""
        default = "legacy" if self.version.startswith("4.") else "none"
        registers_none = (config["resource_provider_registrations"] or default) == "none"
        requested = config["resource_providers_to_register"] or []
        account = f"/subscriptions/{self.subscription}"
        with transaction(self.path) as contents:
            known = set(registered(contents, account))
        for namespace in [*requested, *(() if registers_none else REGISTERED_BY_DEFAULT)]:
            request = Request("register", namespace, f"{account}/providers/{namespace}")
            result = None if namespace in known else self._send(request)
            if result and result.error:
                return result.error
        return None

    def _faults(self) -> list[dict[str, Any]]:
        path = Path(self.environ.get("STANDIN_FAULTS", ""))
        return json.loads(path.read_text()) if path.is_file() else []

    def _request(self, operation: str, id_: str, resource: dict[str, Any]) -> Answer:
        """Sends the requests for one operation of Terraform, until one of them fails."""
        with transaction(self.path) as contents:
            requests = cloud.requests(contents, operation, id_, resource)
        is_begun = False
        for each_operation, each_id, values in requests:
            if each_operation == "delete" and values["type"] in SLOWLY_DELETED:
                time.sleep(DELETION_TAKES)
            result = self._send(Request(each_operation, values["type"], each_id, values))
            if result.error:
                return replace(result, has_resource=result.has_resource or is_begun)
            is_begun = True
        return result

    def _send(self, request: Request) -> Answer:
        """Sends a request again while it is throttled or in progress, like the real SDK."""
        for _ in range(MAX_ATTEMPTS):
            with transaction(self.path) as contents:
                result = answer(
                    contents, self._faults(), request, lambda: _perform(contents, request)
                )
            if result.held:
                # A test that makes this file a named pipe learns when the cloud has the request.
                Path(self.environ["STANDIN_HELD"]).write_text(request.id)
                self.stopped.wait()
                error = f"polling after {request.operation} of {request.id}: context canceled"
                return Answer(result.status, error)
            if result.status not in PENDING:
                return result
            time.sleep(0.001)
        return replace(result, error=f"{request.operation} {request.id}: no end: {result.status}")


@cache
def _schemas(version: str) -> Any:
    return pb.GetProviderSchema.Response(
        provider=pb.Schema(block=wire_block(schema.description(version)["provider"])),
        resource_schemas=wire_schemas(schema.served("resources", version)),
        data_source_schemas=wire_schemas(schema.served("data_sources", version)),
        # The real SDK also says that Terraform may keep the schemas for further providers.
        server_capabilities=pb.ServerCapabilities(get_provider_schema_optional=True),
    )


def _perform(contents: store.Contents, request: Request) -> str | None:
    """Performs a request, and returns the provider's or Azure's error, or None."""
    if request.operation == "register":
        register(contents, request.id)
        return None
    is_named = request.type != roles.TYPE  # azurerm gives each assignment a new name
    if request.operation == "create" and is_named and store.find(contents, request.id):
        return (
            f'A resource with the ID "{request.id}" already exists - to be managed via Terraform '
            "this resource needs to be imported into the State. Please see the resource "
            f'documentation for "{request.type}" for more information.'
        )
    error = cloud.refusal(contents, request.operation, request.id, request.resource)
    if error:
        verbs = {"create": "creating", "update": "updating", "delete": "deleting"}
        name = resource_ids.describe(request.type, request.id)
        return f"{verbs[request.operation]} {name}: unexpected status 400 with error: {error}"
    cloud.carry_out(contents, request.operation, request.id, request.resource)
    return None
