"""The devnode's description as JSON: what is written is read, and what is wrong is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hansa_devnode.config import (
    ChaincodeConfig,
    ChaincodeTls,
    CollectionConfig,
    ConfigError,
    DevnodeConfig,
)
from tests.support.devnode_config import devnode_config


def example(tmp_path: Path) -> DevnodeConfig:
    chaincode = ChaincodeConfig(
        "hansa",
        "127.0.0.1:9999",
        collections=(CollectionConfig("c", "OR('AMSP.member')"),),
        addresses={"BMSP": "b.example:9999"},
        tls=ChaincodeTls("root.pem"),
    )
    return devnode_config(tmp_path, chaincodes=[chaincode])


def test_what_is_written_is_read(tmp_path: Path) -> None:
    config = example(tmp_path)
    path = tmp_path / "devnode.json"
    path.write_text(config.to_json())
    assert DevnodeConfig.from_file(path) == config


def test_names_that_follow_from_others(tmp_path: Path) -> None:
    config = example(tmp_path)
    chaincode = config.chaincode("hansa")
    assert chaincode is not None
    assert chaincode.label == "hansa_1.0"
    assert chaincode.package_id.startswith("hansa_1.0:")
    assert len(chaincode.package_id) == len("hansa_1.0:") + 64
    assert chaincode.address_for("AMSP") == "127.0.0.1:9999"
    assert chaincode.address_for("BMSP") == "b.example:9999"
    assert config.chaincode("other") is None
    assert config.organization("BMSP").name == "B"
    with pytest.raises(KeyError):
        config.organization("ZMSP")


WRONG: list[tuple[str, Any, str]] = [
    ("channel", 1, "channel: expected `str`, got `int`"),
    ("batch/timeout_ms", "1", "batch.timeout_ms: expected `int`, got `str`"),
    ("batch/timeout_ms", True, "batch.timeout_ms: expected `int`, got `bool`"),
    ("organizations/1/colour", "red", "organizations[1].colour: unknown field"),
    ("organizations/1", {"msp_id": "X"}, "organizations[1].name: missing"),
    ("organizations", {}, "organizations: expected `array`, got `object`"),
    ("organizations", [], "organizations: at least one organisation is needed"),
    ("organizations/1/msp_id", "AMSP", "organizations: AMSP is given twice"),
    ("organizations/1/msp_id", "", "organizations[1]: a name is empty"),
    ("orderer", [], "orderer: expected `object`, got `array`"),
    ("chaincodes/0/addresses", [], "chaincodes[0].addresses: expected `object`, got `array`"),
    (
        "chaincodes/0/collections/0/policy",
        None,
        "chaincodes[0].collections[0].policy: expected `str`, got `null`",
    ),
    ("colour", "red", "colour: unknown field"),
]


@pytest.mark.parametrize(("path", "value", "text"), WRONG)
def test_the_field_at_fault_is_named(tmp_path: Path, path: str, value: Any, text: str) -> None:
    document = json.loads(example(tmp_path).to_json())
    *parents, last = path.split("/")
    found: Any = document
    for each in parents:
        found = found[int(each) if each.isdigit() else each]
    found[int(last) if last.isdigit() else last] = value
    with pytest.raises(ConfigError) as refused:
        DevnodeConfig.from_json(json.dumps(document))
    assert str(refused.value) == text


def test_what_is_no_json_is_refused() -> None:
    for text in ("{", b"\xff{}", b'{"data": "\xff"}'):
        with pytest.raises(ConfigError, match="not a JSON document"):
            DevnodeConfig.from_json(text)
