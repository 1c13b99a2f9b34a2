"""The compared operations on ``fabric-chaincode-python``; run by an interpreter that has it, nothing of ours.

That shim has no batches: ``nothing`` and ``each`` are all there is.
"""

# mypy: ignore-errors
# The libraries it stands on are not among ours.

from fabric_chaincode_python.fabric_shim import response, server
from fabric_chaincode_python.fabric_shim.interfaces import Chaincode

KEYS = 4
VALUE = b"x" * 100


class Operations(Chaincode):
    """``nothing`` and ``each``; the argument begins the names of the keys."""

    async def init(self, stub):
        """Nothing to prepare."""
        return response.success(b"")

    async def invoke(self, stub):
        """One operation."""
        function, (prefix, *_) = stub.get_function_and_parameters()
        keys = [f"{prefix}/{number}" for number in range(KEYS)]
        if function == "each":
            for key in keys:
                await stub.get_state(key)
            for key in keys:
                await stub.put_state(key, VALUE)
        elif function != "nothing":
            return response.error(f"there is no function {function}")
        return response.success(b"")


if __name__ == "__main__":
    server.start(Operations)
