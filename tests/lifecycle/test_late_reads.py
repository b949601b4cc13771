"""What Terraform replaces when it reads the network only during the apply."""

from __future__ import annotations

import pytest
from deployment import ENDPOINT, LINK, Deployment

from constructs_lib import NewPrivateEndpoint


@pytest.mark.parametrize(
    ("endpoint", "replaced"),
    [(None, {LINK, ENDPOINT}), (NewPrivateEndpoint(location="eastus"), {LINK})],
)
@pytest.mark.filterwarnings("ignore:.*is a data source with depends_on")
def test_a_network_that_is_read_late_replaces_link_and_endpoint(
    deployed: Deployment, endpoint: NewPrivateEndpoint | None, replaced: set[str]
) -> None:
    """Its attributes are unknown in the plan; the endpoint stays if its location is given."""
    deployed.synthesize_own_app("acr", after="one", endpoint=endpoint)
    deployed.apply()
    deployed.synthesize_own_app("acr", after="two", endpoint=endpoint)
    changes = deployed.changes()
    found = {kind for kind in (LINK, ENDPOINT) if changes.get(kind) == ["delete", "create"]}
    assert found == replaced
