"""ISO 20022 messages: what is written comes back equal, and is as the standard's own schema says."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hansa import iso20022
from hansa.documents.errors import DocumentError
from hansa.iso20022 import camt053, pacs008, pain001, pain002
from hansa.statements import Entry, Part, Statement
from tests.support.schemas import check
from tests.support.ubl import days, glns, maybe

PAYMENTS = pain001.Initiation(
    id="MSG-2026-1",
    created="2026-11-28T09:00:00Z",
    initiator=iso20022.Party(name="Retailer", gln="9521321000025"),
    batches=(
        pain001.Batch(
            id="B-1",
            day="2026-11-28",
            debtor=iso20022.Party(name="Retailer", msp_id="RetailerMSP"),
            account="RetailerMSP/till",
            transfers=(
                pain001.Transfer(
                    end_to_end_id="INV-1",
                    currency="EUR",
                    amount=1250,
                    creditor=iso20022.Party(name="Producer", gln="9521321000018"),
                    account="ProducerMSP",
                    instruction_id="1",
                    remittance="Invoice 1, thank you",
                ),
                pain001.Transfer(
                    end_to_end_id="INV-2",
                    currency="JPY",
                    amount=500,
                    creditor=iso20022.Party(lei="529900T8BM49AURSDO55"),
                ),
            ),
        ),
    ),
)

ids = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789-/.", min_size=1, max_size=30)
names = (
    st.text("abc äß漢&<>\"'", min_size=1, max_size=30).map(lambda text: " ".join(text.split())).filter(bool)
)
accounts = st.sampled_from(
    ["RetailerMSP", "ProducerMSP/till", "A" * 63, f"{'B' * 63}/{'c' * 32}", "CarrierMSP/" + "x" * 23]
)
currencies = st.sampled_from(["EUR", "JPY", "KWD"])
# ISO 20022 has 18 digits for an amount, decimals included, as the ledger has.
amounts = st.integers(1, 10**15)
moments = st.datetimes().map(
    lambda at: f"{at:%Y-%m-%dT%H:%M:%S}.123Z" if at.year > 999 else "2026-11-28T00:00:00.000Z"
)
parties = st.builds(
    iso20022.Party,
    lei=maybe(st.just("529900T8BM49AURSDO55")),
    gln=maybe(glns),
    msp_id=maybe(st.just("RetailerMSP")),
    name=maybe(names),
)
transfers = st.builds(
    pain001.Transfer,
    end_to_end_id=ids,
    currency=currencies,
    amount=amounts,
    creditor=parties,
    account=maybe(accounts),
    instruction_id=maybe(ids),
    remittance=maybe(names),
)
initiations = st.builds(
    pain001.Initiation,
    id=ids,
    created=moments,
    initiator=parties,
    batches=st.lists(
        st.builds(
            pain001.Batch,
            id=ids,
            day=days,
            debtor=parties,
            account=accounts,
            transfers=st.lists(transfers, min_size=1, max_size=3).map(tuple),
        ),
        min_size=1,
        max_size=3,
        unique_by=lambda batch: batch.id,
    ).map(tuple),
)


@st.composite
def reports(draw: st.DrawFn) -> camt053.Report:
    currency, opening = draw(currencies), draw(st.integers(0, 10**15))
    entries = []
    for number in range(draw(st.integers(0, 4))):
        parts = draw(
            st.lists(
                st.builds(
                    Part, amount=st.integers(1, 10**12), counterparty=maybe(accounts), reference=maybe(ids)
                ),
                min_size=1,
                max_size=3,
            ).map(tuple)
        )
        sign = draw(st.sampled_from([1, -1]))
        entries.append(
            Entry(
                at=draw(moments),
                block=draw(st.integers(0, 10**6)),
                position=draw(st.integers(0, 500)),
                number=number,
                transaction_id="ab" * 32,
                reason=draw(st.sampled_from(["mint", "transfer", "escrow", "mandate", "burn", "claim"])),
                amount=sign * sum(part.amount for part in parts),
                parts=parts,
                order=draw(maybe(st.just("RetailerMSP.01J00000000000000000000000"))),
                command=draw(maybe(st.just("RetailerMSP.01J00000000000000000000001"))),
                document=draw(maybe(st.just("cd" * 32))),
            )
        )
    found = Statement(
        account=draw(accounts),
        currency=currency,
        start=draw(moments),
        end=draw(moments),
        opening=opening,
        closing=opening + sum(entry.amount for entry in entries),
        entries=tuple(entries),
    )
    return camt053.Report(
        id=draw(ids), created=draw(moments), statement=found, servicer=draw(maybe(st.just("BankMSP")))
    )


slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@slow
@given(initiations)
def test_payments_come_back_and_are_as_the_schema_says(message: pain001.Initiation) -> None:
    raw = pain001.write(message)
    assert pain001.read(raw) == message
    assert pain001.write(pain001.read(raw)) == raw
    check(raw, "pain.001.001.09", "pain.001.001.09")


@slow
@given(reports())
def test_statements_come_back_and_are_as_the_schema_says(report: camt053.Report) -> None:
    raw = camt053.write(report)
    assert camt053.read(raw) == report
    check(raw, "camt.053.001.08", "camt.053.001.08")


def test_transfers_come_back_and_are_as_the_schema_says() -> None:
    message = pacs008.CreditTransfers(
        id="12-0",
        created="2026-11-28T09:00:00.000Z",
        transfers=(
            pacs008.CreditTransfer(
                end_to_end_id="INV-1",
                currency="EUR",
                amount=1250,
                settled="2026-11-28",
                debtor=iso20022.Party(msp_id="RetailerMSP", name="Retailer"),
                debtor_account="RetailerMSP/till",
                creditor=iso20022.Party(msp_id="ProducerMSP"),
                creditor_account="ProducerMSP",
                transaction="12-0-0",
                remittance="a long reference",
            ),
        ),
    )
    raw = pacs008.write(message)
    assert pacs008.read(raw) == message
    check(raw, "pacs.008.001.08", "pacs.008.001.08")


@pytest.mark.parametrize("info", [None, "word " * 120])
def test_reports_are_as_the_schema_says(info: str | None) -> None:
    outcome = pain002.Outcome(
        batch="B-1", end_to_end_id="INV-1", status="RJCT", reason="AM04", info=info, instruction_id="1"
    )
    settled = pain002.Outcome(
        batch="B-2",
        end_to_end_id="INV-2",
        status="ACSC",
        settled_at="2026-11-28T09:00:00.000Z",
        reference="12-0",
    )
    report = pain002.StatusReport(
        id="S-1", created="2026-11-28T09:00:00.000Z", original="MSG-1", outcomes=(outcome, settled)
    )
    assert report.status == "PART"
    check(pain002.write(report), "pain.002.001.12", "pain.002.001.12")


ROOT = "/Document/CstmrCdtTrfInitn"
FIRST = f"{ROOT}/PmtInf/CdtTrfTxInf[1]"


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ("<MsgId>MSG-2026-1</MsgId>", "", "DOCUMENT_FIELD_MISSING", f"{ROOT}/GrpHdr/MsgId"),
        ("MSG-2026-1", "x" * 36, "DOCUMENT_FIELD_INVALID", f"{ROOT}/GrpHdr/MsgId"),
        ("<NbOfTxs>2<", "<NbOfTxs>3<", "DOCUMENT_TOTALS_DIFFER", f"{ROOT}/GrpHdr/NbOfTxs"),
        ("<CtrlSum>512.50<", "<CtrlSum>512.51<", "DOCUMENT_TOTALS_DIFFER", f"{ROOT}/GrpHdr/CtrlSum"),
        ("<CtrlSum>512.50<", "<CtrlSum>NaN<", "DOCUMENT_TOTALS_DIFFER", f"{ROOT}/GrpHdr/CtrlSum"),
        ("<CtrlSum>512.50<", "<CtrlSum>1e999999999<", "DOCUMENT_TOTALS_DIFFER", f"{ROOT}/GrpHdr/CtrlSum"),
        ("<PmtMtd>TRF<", "<PmtMtd>CHK<", "DOCUMENT_NOT_SUPPORTED", f"{ROOT}/PmtInf/PmtMtd"),
        ("<Dt>2026-11-28<", "<Dt>tomorrow<", "DOCUMENT_FIELD_INVALID", f"{ROOT}/PmtInf/ReqdExctnDt/Dt"),
        (">12.50<", ">12.505<", "DOCUMENT_FIELD_INVALID", f"{FIRST}/Amt/InstdAmt"),
        (">12.50<", ">0<", "DOCUMENT_FIELD_INVALID", f"{FIRST}/Amt/InstdAmt"),
        (">12.50<", ">-12.50<", "DOCUMENT_FIELD_INVALID", f"{FIRST}/Amt/InstdAmt"),
        ('Ccy="EUR"', 'Ccy="ABC"', "DOCUMENT_FIELD_INVALID", f"{FIRST}/Amt/InstdAmt"),
        ('Ccy="EUR"', "", "DOCUMENT_FIELD_INVALID", f"{FIRST}/Amt/InstdAmt"),
        (
            ">RetailerMSP/till<",
            ">Retailer till<",
            "DOCUMENT_FIELD_INVALID",
            f"{ROOT}/PmtInf/DbtrAcct/Id/Othr/Id",
        ),
        (
            "<Othr>\n            <Id>RetailerMSP/till</Id>\n          </Othr>",
            "<IBAN>DE89370400440532013000</IBAN>",
            "DOCUMENT_NOT_SUPPORTED",
            f"{ROOT}/PmtInf/DbtrAcct/Id/IBAN",
        ),
        ("pain.001.001.09", "pain.001.001.02", "DOCUMENT_KIND_UNKNOWN", "/Document"),
    ],
)
def test_payments_are_refused_by_field(old: str, new: str, code: str, field: str) -> None:
    text = pain001.write(PAYMENTS).decode()
    assert old in text, text
    with pytest.raises(DocumentError) as error:
        pain001.read(text.replace(old, new, 1).encode())
    assert (error.value.code, error.value.field) == (code, field)


def test_an_earlier_version_is_read() -> None:
    text = pain001.write(PAYMENTS).decode().replace("pain.001.001.09", "pain.001.001.03")
    day = "2026-11-28"
    text = text.replace(f"<Dt>{day}</Dt>", day)
    assert "<Dt>" not in text
    assert pain001.read(text.encode()) == PAYMENTS


def test_a_statement_that_does_not_add_up_is_refused() -> None:
    found = Statement(
        account="RetailerMSP", currency="EUR",
        start="2026-11-28T00:00:00.000Z", end="2026-11-29T00:00:00.000Z",
        opening=5, closing=6, entries=(),
    )  # fmt: skip
    raw = camt053.write(camt053.Report(id="S", created="2026-11-28T00:00:00.000Z", statement=found))
    with pytest.raises(DocumentError, match="TOTALS_DIFFER"):
        camt053.read(raw)
