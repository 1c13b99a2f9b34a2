"""Brings the chaincode definitions of the configuration onto the channel, as lifecycle transactions.

What on Fabric is approved by each organisation's administrator and then committed is here one transaction of
`_lifecycle`, signed by the first organisation's administrator and endorsed by every peer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from fabric_protos.peer import collection_pb2, proposal_response_pb2
from fabric_protos.peer.lifecycle import lifecycle_pb2

from hansa_devnode.bootstrap import BootstrapError
from hansa_devnode.config import ChaincodeConfig, CollectionConfig, DevnodeConfig
from hansa_devnode.ledger.definitions import (
    LIFECYCLE,
    ChaincodeDefinition,
    definition_writes,
)
from hansa_devnode.ledger.ledger import Ledger
from hansa_devnode.material import Material
from hansa_fabric.errors import MalformedDataError
from hansa_fabric.policy_expression import application_policy
from hansa_fabric.proposals import (
    endorse,
    new_proposal,
    parse_proposal,
    response_payload,
)
from hansa_fabric.transactions import new_transaction, sign_envelope

# The version that Fabric's system chaincodes carry in transactions.
_SYSTEM_VERSION = "syscc"


def pending_definitions(config: DevnodeConfig, ledger: Ledger) -> Iterator[ChaincodeDefinition]:
    """The definitions that the configuration has and the ledger has not, one sequence after the other.

    Raises BootstrapError where a definition changed and its sequence did not.
    """
    for chaincode in config.chaincodes:
        wanted = definition_of(chaincode)
        found = ledger.chaincode(chaincode.name)
        committed = found.sequence if found is not None else 0
        if found is not None and committed >= wanted.sequence:
            if dataclasses.replace(found, sequence=wanted.sequence) != wanted:
                raise BootstrapError(
                    f"the definition of chaincode {chaincode.name} differs from the committed one:"
                    f" give it sequence {committed + 1}"
                )
            continue
        for sequence in range(committed + 1, wanted.sequence + 1):
            yield dataclasses.replace(wanted, sequence=sequence)


def definition_of(chaincode: ChaincodeConfig) -> ChaincodeDefinition:
    """The definition as the ledger keeps it. Raises BootstrapError for a policy that cannot be read."""
    package = collection_pb2.CollectionConfigPackage(
        config=[_collection(each) for each in chaincode.collections]
    )
    return ChaincodeDefinition(
        name=chaincode.name,
        version=chaincode.version,
        sequence=chaincode.sequence,
        policy=_application_policy(chaincode.endorsement_policy).SerializeToString(deterministic=True),
        collections=package.SerializeToString(),
        init_required=chaincode.init_required,
    )


def deployment_envelope(material: Material, ledger: Ledger, definition: ChaincodeDefinition) -> Any:
    """The endorsed and signed common.Envelope that commits a definition."""
    first = next(iter(material.organizations.values()))
    arguments = lifecycle_pb2.CommitChaincodeDefinitionArgs(
        sequence=definition.sequence,
        name=definition.name,
        version=definition.version,
        endorsement_plugin=definition.endorsement_plugin,
        validation_plugin=definition.validation_plugin,
        validation_parameter=definition.policy,
        collections=collection_pb2.CollectionConfigPackage.FromString(definition.collections),
        init_required=definition.init_required,
    )
    args = [b"CommitChaincodeDefinition", arguments.SerializeToString()]
    proposal = new_proposal(ledger.channel, LIFECYCLE, args, first.admin.identity)
    response = proposal_response_pb2.Response(
        status=200, payload=lifecycle_pb2.CommitChaincodeDefinitionResult().SerializeToString()
    )
    payload = response_payload(
        parse_proposal(proposal.serialized).hash,
        results=_simulate(ledger, first.msp_id, proposal.tx_id, definition),
        event=b"",
        response=response,
        chaincode=LIFECYCLE,
        version=_SYSTEM_VERSION,
    )
    responses = [endorse(payload, response, each.signer) for each in material.organizations.values()]
    return sign_envelope(new_transaction(proposal, responses), first.admin)


def _simulate(ledger: Ledger, msp_id: str, tx_id: str, definition: ChaincodeDefinition) -> bytes:
    with ledger.simulator(msp_id, tx_id) as simulator:
        for key, value in definition_writes(lambda key: simulator.get_state(LIFECYCLE, key), definition):
            simulator.put_state(LIFECYCLE, key, value)
        return simulator.result().public


def _collection(collection: CollectionConfig) -> Any:
    config = collection_pb2.StaticCollectionConfig(
        name=collection.name,
        member_orgs_policy=collection_pb2.CollectionPolicyConfig(
            signature_policy=_application_policy(collection.policy).signature_policy
        ),
        required_peer_count=collection.required_peer_count,
        maximum_peer_count=collection.max_peer_count,
        block_to_live=collection.block_to_live,
        member_only_read=collection.member_only_read,
        member_only_write=collection.member_only_write,
    )
    if collection.endorsement_policy is not None:
        config.endorsement_policy.CopyFrom(_application_policy(collection.endorsement_policy))
    return collection_pb2.CollectionConfig(static_collection_config=config)


def _application_policy(text: str) -> Any:
    try:
        return application_policy(text)
    except MalformedDataError as error:
        raise BootstrapError(f"policy {text!r} cannot be read: {error}") from error
