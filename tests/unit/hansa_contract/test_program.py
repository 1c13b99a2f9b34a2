"""``python -m hansa_contract`` as the network starts it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time


def environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHAINCODE", "CORE_"))}
    return {**kept, **changes}


def test_without_settings_it_says_what_is_missing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hansa_contract"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("hansa_contract: CHAINCODE_ID is")


def test_it_serves_until_sigterm() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    settings = environment(
        CHAINCODE_SERVER_ADDRESS=address, CHAINCODE_ID="hansa:1", CHAINCODE_TLS_DISABLED="true"
    )
    process = subprocess.Popen([sys.executable, "-m", "hansa_contract"], env=settings)
    try:
        assert listening(address, process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.wait()


def listening(address: str, process: subprocess.Popen[bytes]) -> bool:
    host, _, port = address.rpartition(":")
    while process.poll() is None:
        try:
            socket.create_connection((host, int(port))).close()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False
