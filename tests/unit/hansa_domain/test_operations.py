"""What holds for every operation of the catalogue."""

from __future__ import annotations

from typing import Any, ForwardRef, get_args

import msgspec
import pytest

from hansa_domain.catalogue import BY_ARGUMENT, OPERATIONS
from hansa_domain.operation import Command, Operation, Query

EVERY = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)


@EVERY
def test_a_command_names_the_reply_that_it_gets(operation: Operation[Any]) -> None:
    (base,) = operation.command.__orig_bases__
    (reply,) = get_args(base)
    named = reply.__forward_arg__ if isinstance(reply, ForwardRef) else reply.__name__
    assert named == operation.reply.__name__


@EVERY
def test_a_command_has_an_id_and_a_question_has_none(operation: Operation[Any]) -> None:
    assert issubclass(operation.command, Command | Query)
    fields = {field.name for field in msgspec.structs.fields(operation.command)}
    assert ("id" in fields) == issubclass(operation.command, Command)


@EVERY
def test_it_is_found_by_its_argument(operation: Operation[Any]) -> None:
    assert BY_ARGUMENT[operation.command] is operation


@EVERY
def test_it_says_what_it_is_for(operation: Operation[Any]) -> None:
    assert operation.name in (operation.command.__doc__ or ""), "the command's docstring names its function"
    assert operation.decide.__doc__  # type: ignore[attr-defined]
