"""A network keeps to the engine it was made on."""

from __future__ import annotations

from pathlib import Path

import pytest

from hansa_network.consortium import dump, load
from hansa_network.data_folder import DataFolder
from hansa_network.engine import DEVNODE, FABRIC
from hansa_network.errors import NetworkError
from hansa_network.network import Network


def made_on(root: Path, engine: str | None) -> DataFolder:
    folder = DataFolder(root)
    folder.make()
    folder.consortium_file.write_text(dump(load()))
    if engine is not None:
        folder.set_engine_name(engine)
    return folder


@pytest.mark.parametrize(("written", "found"), [(FABRIC, FABRIC), (DEVNODE, DEVNODE), (None, DEVNODE)])
def test_it_is_found_again(tmp_path: Path, written: str | None, found: str) -> None:
    made_on(tmp_path, written)
    assert Network.at(tmp_path).engine.name == found


@pytest.mark.parametrize(("written", "asked"), [(FABRIC, DEVNODE), (None, FABRIC)])
def test_the_other_one_is_refused(tmp_path: Path, written: str | None, asked: str) -> None:
    folder = made_on(tmp_path, written)
    with pytest.raises(NetworkError) as caught:
        Network(folder, folder.consortium(), asked).up()
    assert caught.value.code == "ENGINE_CHANGED"
    assert not folder.state_file.exists()
