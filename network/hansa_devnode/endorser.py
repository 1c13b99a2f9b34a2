"""The endorser of one organisation's peer: checks a proposal, has it executed, signs the result."""

from __future__ import annotations

from typing import Any

from fabric_protos.peer import proposal_response_pb2

from hansa_devnode.chaincode import ChaincodeError, ChaincodeSupport, Invocation
from hansa_devnode.chaincode.permissions import PermissionDeniedError, Permissions
from hansa_devnode.ledger import LedgerError, SimulationResult, Simulator
from hansa_devnode.ledger.ledger import Ledger
from hansa_devnode.metrics import measure_endorsement
from hansa_devnode.unpacked_proposal import ProposalInspector, ProposalRefusedError, UnpackedProposal
from hansa_fabric.identity import Signer
from hansa_fabric.msp import ValidatedIdentity
from hansa_fabric.proposals import endorse, response_payload

__all__ = ["Endorser", "ProposalInspector", "ProposalRefusedError"]

# System chaincodes that must not hold a snapshot of the state.
_WITHOUT_SIMULATOR = frozenset(("qscc", "cscc"))

# From here on a chaincode's status is an error, and from there on a failure.
_ERROR_THRESHOLD = 400
_ERROR = 500


class Endorser:
    """Answers proposals for one organisation.

    Args:
        signer: the organisation's peer, whose signature is the endorsement.
        ledger: the channel's ledger.
        chaincodes: the chaincodes of this organisation's peer.
        permissions: who may do what on this peer.
        inspector: checks headers and signatures; may be shared by the peers of the node.
    """

    def __init__(
        self,
        signer: Signer,
        ledger: Ledger,
        chaincodes: ChaincodeSupport,
        permissions: Permissions,
        inspector: ProposalInspector,
    ) -> None:
        self._signer = signer
        self._msp_id = signer.identity.msp_id
        self._ledger = ledger
        self._chaincodes = chaincodes
        self._permissions = permissions
        self._inspector = inspector

    async def process_proposal(self, signed_proposal: Any) -> Any:
        """Execute and endorse a proposal, as Fabric's Endorser service does.

        What it writes to private collections is kept in the ledger until the transaction's block comes.

        Args:
            signed_proposal: `peer.SignedProposal`.

        Returns:
            a `peer.ProposalResponse`, with an endorsement for statuses 200 to 399. From 400 it has none;
            from 500 of a chaincode it has a payload, and so differs from a failure of the peer. The interest
            tells a gateway which policies the transaction touches.

        Raises:
            ProposalRefusedError: the proposal itself is not acceptable.
        """
        proposal, creator = self._inspector.inspect(signed_proposal)
        if proposal.channel and proposal.channel != self._ledger.channel:
            return _failure(f"channel '{proposal.channel}' not found")
        self._check(proposal, creator)
        try:
            answer = self._process(proposal, creator)
            if self._chaincodes.is_system(proposal.chaincode):
                return await answer
            return await measure_endorsement(self._msp_id, proposal.tx_id, answer)
        except ChaincodeError as error:
            return _failure(str(error))

    def _check(self, proposal: UnpackedProposal, creator: ValidatedIdentity) -> None:
        """Replay and access; both only matter on a channel."""
        if not proposal.channel:
            if creator.msp_id != self._msp_id:
                raise ProposalRefusedError(
                    "error validating proposal: access denied: channel [] creator org unknown,"
                    " creator is malformed"
                )
            return
        if self._ledger.status(proposal.tx_id) is not None:
            raise ProposalRefusedError(
                f"duplicate transaction found [{proposal.tx_id}]."
                f" Creator [{proposal.signature_header.creator.hex()}]"
            )
        if not self._chaincodes.is_system(proposal.chaincode):
            try:
                self._permissions.check_channel("peer/Propose", proposal.channel, creator)
            except PermissionDeniedError as error:
                raise ProposalRefusedError(str(error)) from error

    async def _process(self, proposal: UnpackedProposal, creator: ValidatedIdentity) -> Any:
        if not proposal.channel or proposal.chaincode in _WITHOUT_SIMULATOR:
            return await self._execute(proposal, self._invocation(proposal, creator, None))
        with self._ledger.simulator(
            self._msp_id, proposal.tx_id, proposal.signature_header.creator
        ) as simulator:
            return await self._execute(proposal, self._invocation(proposal, creator, simulator))

    @staticmethod
    def _invocation(
        proposal: UnpackedProposal, creator: ValidatedIdentity, simulator: Simulator | None
    ) -> Invocation:
        return Invocation(
            proposal.tx_id, proposal.channel, proposal.signed, creator, proposal.chaincode, simulator
        )

    async def _execute(self, proposal: UnpackedProposal, invocation: Invocation) -> Any:
        name = proposal.chaincode
        try:
            endorsable = self._chaincodes.endorsable(invocation, name)
        except ChaincodeError as error:
            raise ChaincodeError(
                f"make sure the chaincode {name} has been successfully defined on channel"
                f" {proposal.channel} and try again: {error}"
            ) from error
        try:
            response, event = await self._chaincodes.execute(invocation, name, proposal.input)
            result = self._finish(invocation)
        except (ChaincodeError, LedgerError) as error:
            raise ChaincodeError(f"error in simulation: {error}") from error
        if response.status >= _ERROR_THRESHOLD:
            event = None
        payload = response_payload(
            proposal.hash,
            results=b"" if result is None else result.public,
            event=b"" if event is None else event.SerializeToString(),
            response=response,
            chaincode=name,
            version=endorsable.version,
        )
        return self._answer(proposal, response, payload, result)

    def _finish(self, invocation: Invocation) -> SimulationResult | None:
        if invocation.simulator is None:
            return None
        result = invocation.simulator.result()
        if result.private is not None:
            self._ledger.keep_private(invocation.tx_id, result.private)
        return result

    def _answer(
        self, proposal: UnpackedProposal, response: Any, payload: bytes, result: SimulationResult | None
    ) -> Any:
        kind = proposal_response_pb2.ProposalResponse
        if response.status >= _ERROR:
            answer = kind(response=response, payload=payload)
        elif not proposal.channel or response.status >= _ERROR_THRESHOLD:
            return kind(response=response)
        else:
            answer = endorse(payload, response, self._signer)
        if result is not None:
            answer.interest.CopyFrom(result.interest)
        return answer


def _failure(message: str) -> Any:
    """What a peer answers that could not get a response from a chaincode."""
    response = proposal_response_pb2.Response(status=500, message=message)
    return proposal_response_pb2.ProposalResponse(response=response)
