"""The ``hansa`` command as people run it: a process of its own, its outputs and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What a command printed, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Its one JSON document; the command must have succeeded."""
        assert self.status == 0, self.err
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """Its error, given as JSON; the command must have failed with it."""
        assert self.status == 1, (self.status, self.out, self.err)
        return json.loads(self.err.splitlines()[-1])["error"]


@dataclass(frozen=True)
class CommandLine:
    """Runs ``hansa`` on the network of one folder.

    Args:
        data: the network's folder.
        program: how to start ``hansa``.
        environment: what its environment has besides ours.
        folder: where it runs.
    """

    data: Path
    program: tuple[str, ...] = (sys.executable, "-m", "hansa_cli.main")
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Begins a command."""
        return subprocess.Popen(
            [*self.program, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "HANSA_DATA": str(self.data), **self.environment},
            cwd=self.folder,
        )

    def __call__(self, *words: str) -> Answer:
        """Runs a command to its end."""
        process = self.start(*words)
        out, err = process.communicate(timeout=180)
        return Answer(process.returncode, out, err)

    def ask(self, *words: str) -> Any:
        """The JSON answer of a command that must succeed."""
        return self(*words, "--json").document

    def refused(self, *words: str) -> Any:
        """The error of a command that must fail."""
        return self(*words, "--json").error
