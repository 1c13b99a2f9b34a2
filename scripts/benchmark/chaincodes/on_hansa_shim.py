"""The compared operations on ``hansa_shim``; ``python -m benchmark.chaincodes.on_hansa_shim`` serves them."""

from __future__ import annotations

from hansa_shim import ChaincodeStub, Response, error, run, success

KEYS = 4
VALUE = b"x" * 100


class Operations:
    """``nothing``, ``each`` and ``batched``; the argument begins the names of the keys."""

    async def init(self, stub: ChaincodeStub) -> Response:
        """Nothing to prepare."""
        return success()

    async def invoke(self, stub: ChaincodeStub) -> Response:
        """One operation."""
        function, (prefix, *_) = stub.function_and_parameters
        keys = [f"{prefix}/{number}" for number in range(KEYS)]
        if function == "nothing":
            return success()
        if function == "each":
            for key in keys:
                await stub.get_state(key)
            for key in keys:
                await stub.put_state(key, VALUE)
            return success()
        if function == "batched":
            await stub.get_multiple_states(keys)
            stub.start_write_batch()
            for key in keys:
                await stub.put_state(key, VALUE)
            return success()
        return error(f"there is no function {function}", 404)


if __name__ == "__main__":
    run(Operations())
