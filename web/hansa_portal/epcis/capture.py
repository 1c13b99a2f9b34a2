"""Events in: documents as capture jobs with a result for each event, and single events at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal
from urllib.parse import quote

import msgspec
import structlog
from flask import Response, current_app, g, request

from hansa.client import Client
from hansa.errors import HansaError, RefusedError
from hansa.ids import new_id
from hansa_domain.errors import Refusal
from hansa_domain.goods.capture import CaptureResult
from hansa_domain.goods.epcis import split_document
from hansa_portal.clock import utc_now
from hansa_portal.epcis.access import client
from hansa_portal.epcis.answers import Problem, answer, next_link, page_token, per_page
from hansa_portal.epcis.documents import Documents
from hansa_portal.epcis.events import of_id

log = structlog.get_logger("hansa.portal")

EXTENSION = "hansa_epcis_captures"
MOST_JOBS = 500
MOST_EVENTS = 5000
BEHAVIOUR = "proceed"


class Job(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A capture job. ``errors`` are problem documents; ``results`` say what became of each event."""

    capture_id: str = msgspec.field(name="captureID")
    user: str
    created_at: str
    finished_at: str | msgspec.UnsetType = msgspec.UNSET
    running: bool
    success: bool
    capture_error_behaviour: Literal["proceed"] = "proceed"
    errors: list[dict[str, Any]]
    results: list[dict[str, Any]] = msgspec.field(default_factory=list)


class Captures:
    """The capture jobs of one member's portal.

    Args:
        jobs: where they are kept; a job cut short by a restart is told as failed.
    """

    def __init__(self, jobs: Documents[Job]) -> None:
        self.jobs = jobs
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="epcis-capture")
        self._mine: set[str] = set()

    def begin(self, text: str, client: Client, user: str) -> Job:
        """Starts a job; the client acts for whoever asked."""
        finished = sorted((job for job in self.jobs.all() if not job.running), key=lambda job: job.capture_id)
        for old in finished[: max(0, len(finished) - MOST_JOBS + 1)]:
            self.jobs.delete(old.capture_id)
        job = Job(capture_id=new_id(), user=user, created_at=utc_now(), running=True, success=True, errors=[])
        self.jobs.put(job.capture_id, job)
        self._mine.add(job.capture_id)
        self._threads.submit(self._run, job, text, client)
        return job

    def find(self, capture_id: str) -> Job | None:
        """The job of that id, as it is now."""
        job = self.jobs.find(capture_id)
        return None if job is None else self.as_now(job)

    def as_now(self, job: Job) -> Job:
        """The job; of one that no longer runs it is said."""
        if not job.running or job.capture_id in self._mine:
            return job
        # It may have ended since it was read: a job is kept as done before it is nobody's.
        job = self.jobs.find(job.capture_id) or job
        if not job.running:
            return job
        detail = "The server was restarted meanwhile. Send the document again: what is captured stays so."
        stopped = Problem(500, "ImplementationException", detail)
        return msgspec.structs.replace(job, running=False, success=False, errors=[stopped.document()])

    def _run(self, job: Job, text: str, client: Client) -> None:
        results: list[dict[str, Any]] = []
        try:
            captured = client.goods.capture(text, command_id=job.capture_id)
            results = [msgspec.to_builtins(result) for result in captured.results]
            errors = [
                refused(result, number).document()
                for number, result in enumerate(captured.results)
                if result.status == "refused"
            ]
        except RefusedError as error:
            errors = [
                Problem(
                    400, "ValidationException", error.message, code=error.code, field=error.field
                ).document()
            ]
        except HansaError as error:
            errors = [Problem(500, "ImplementationException", error.message, code=error.code).document()]
        except Exception as error:  # else the job would be told as running for ever
            log.exception("capture job failed", job=job.capture_id)
            errors = [Problem(500, "ImplementationException", type(error).__name__).document()]
        done = msgspec.structs.replace(
            job, finished_at=utc_now(), running=False, success=not errors, errors=errors, results=results
        )
        self.jobs.put(job.capture_id, done)
        self._mine.discard(job.capture_id)


def refused(result: CaptureResult, number: int | None = None) -> Problem:
    """What is wrong with an event, ``number`` counting from 0 in its document."""
    kind, status = (
        ("ResourceAlreadyExistsException", 409)
        if result.code == "EVENT_ID_REUSED"
        else (
            "ValidationException",
            400,
        )
    )
    return Problem(status, kind, result.message or "", code=result.code, field=result.field, event=number)


def captures() -> Captures:
    """The jobs of the portal that is asked."""
    found: Captures = current_app.extensions[EXTENSION]
    return found


def capture() -> Response:
    """``POST /capture``: 202 with the job's address; 400 where it is no EPCIS document at all."""
    wanted = request.headers.get("GS1-Capture-Error-Behaviour", BEHAVIOUR)
    if wanted != BEHAVIOUR:
        detail = (
            "A ledger takes nothing back: this server captures what is right and tells what is not (proceed)."
        )
        raise Problem(400, "ValidationException", detail, field="GS1-Capture-Error-Behaviour")
    text = _text()
    try:
        events = split_document(text)
    except Refusal as refusal:
        raise _not_right(refusal) from refusal
    if len(events) > MOST_EVENTS:
        detail = f"A document has at most {MOST_EVENTS} events here."
        raise Problem(413, "CaptureLimitExceededException", detail)
    job = captures().begin(text, client(), g.epcis_user)
    return answer("", 202, {"Location": f"/epcis/v2/capture/{job.capture_id}"})


def jobs() -> Response:
    """``GET /capture``: the jobs, the latest first."""
    token = page_token(str)
    found = sorted(captures().jobs.all(), key=lambda job: job.capture_id, reverse=True)
    if token is not None:
        found = [job for job in found if job.capture_id < token[0]]
    shown, most = found[: per_page()], per_page()
    headers = next_link([shown[-1].capture_id]) if len(found) > most else {}
    return answer(_json([captures().as_now(job) for job in shown]), headers=headers)


def job(capture_id: str) -> Response:
    """``GET /capture/{captureID}``."""
    found = captures().find(capture_id)
    if found is None:
        raise Problem(404, "NoSuchResourceException", "There is no capture job of this id.")
    return answer(_json(found))


def create_event() -> Response:
    """``POST /events``: one event, captured before the answer comes."""
    text = _text()
    try:
        if len(split_document(text)) != 1:
            raise Problem(400, "ValidationException", "Send one event here; documents go to /capture.")
        (result,) = client().goods.capture(text).results
    except Refusal as refusal:
        raise _not_right(refusal) from refusal
    except RefusedError as error:
        status, kind = (
            (403, "SecurityException") if error.code == "NOT_PERMITTED" else (400, "ValidationException")
        )
        raise Problem(status, kind, error.message, code=error.code, field=error.field) from error
    if result.status == "refused":
        raise refused(result)
    event_id = result.event_id or ""
    if result.status == "already_captured":
        detail = f"You reported {event_id} before."
        raise Problem(409, "ResourceAlreadyExistsException", detail, instance=event_id)
    return answer(of_id(event_id)[0], 201, {"Location": f"/epcis/v2/events/{quote(event_id, safe=':/;')}"})


def _text() -> str:
    try:
        return str(request.get_data(), "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem(400, "ValidationException", "The body is not text in UTF-8.") from error


def _not_right(refusal: Refusal) -> Problem:
    return Problem(400, "ValidationException", refusal.message, code=refusal.code.value, field=refusal.field)


def _json(value: object) -> str:
    return json.dumps(msgspec.to_builtins(value))
