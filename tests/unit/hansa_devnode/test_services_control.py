"""The control of a running devnode, as another process uses it."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hansa_devnode.services.control import FILE_NAME, ControlError, ControlServer, ask_control


async def _handle(request: dict[str, Any]) -> dict[str, Any]:
    if request["command"] != "status":
        raise ControlError("unknown command")
    return {"height": 3, "asked_for": request.get("msp_id")}


def while_running(folder: Path, test: Callable[[], None]) -> None:
    """Runs a blocking test beside a control of the folder."""

    async def run() -> None:
        control = ControlServer(folder, _handle)
        await control.start()
        try:
            await asyncio.to_thread(test)
        finally:
            await control.stop()

    asyncio.run(run())


def test_a_command_is_answered(tmp_path: Path) -> None:
    def test() -> None:
        assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
        assert ask_control(tmp_path, "status", msp_id="AMSP") == {"height": 3, "asked_for": "AMSP"}

    while_running(tmp_path, test)


def test_a_refusal_is_told(tmp_path: Path) -> None:
    def test() -> None:
        with pytest.raises(ControlError, match="unknown command"):
            ask_control(tmp_path, "dance")

    while_running(tmp_path, test)


def test_without_the_secret_nothing_is_done(tmp_path: Path) -> None:
    def test() -> None:
        access = json.loads((tmp_path / FILE_NAME).read_bytes())
        (tmp_path / FILE_NAME).write_text(json.dumps(access | {"token": "guessed"}))
        with pytest.raises(ControlError, match="token is wrong"):
            ask_control(tmp_path, "status")

    while_running(tmp_path, test)


def test_after_the_end_nobody_answers(tmp_path: Path) -> None:
    while_running(tmp_path, lambda: None)
    with pytest.raises(ControlError, match="no devnode answers"):
        ask_control(tmp_path, "status")
