"""The one object people hold: a member's user, connected, with everything he may do."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from hansa.accounts import Accounts
from hansa.alerts import Alerts
from hansa.claims import Claims
from hansa.cold_chain import ColdChain
from hansa.compliance import Compliance
from hansa.config_updates import ConfigUpdates
from hansa.deliveries import Deliveries, Despatches, Invoices, Receipts
from hansa.discounts import Coupons, Discounts
from hansa.disputes import Disputes
from hansa.errors import ConnectionProfileError
from hansa.exchanges import Exchanges
from hansa.facilities import Facilities
from hansa.fees import Fees
from hansa.goods import Goods
from hansa.guards import Guards
from hansa.hashlocks import Hashlocks
from hansa.iso20022_payments import Iso20022
from hansa.ledger import Ledger
from hansa.listings import Listings
from hansa.mandates import Mandates
from hansa.members import Members
from hansa.money import Money
from hansa.netting import Netting, Obligations
from hansa.notes import Purse
from hansa.offers import Offers
from hansa.orders import Orders
from hansa.papers import Papers
from hansa.payment_requests import PaymentRequests
from hansa.places import Places
from hansa.policy import Policy
from hansa.products import Products
from hansa.profile import Profile, locate, member_folder
from hansa.receivables import Receivables
from hansa.stock import Shelf
from hansa.submission import Receipt, Retry, Submitter
from hansa.taxes import Taxes
from hansa.tenders import Tenders
from hansa.ubl_exchange import Ubl
from hansa_domain.catalogue import BY_ARGUMENT
from hansa_domain.operation import Command, Query, Reply
from hansa_fabric.identity import Signer
from hansa_gateway import Deadlines, Gateway
from hansa_gateway.errors import WalletError
from hansa_gateway.pkcs11 import PIN_VARIABLE, SUFFIX, TokenError, read_reference
from hansa_gateway.wallet import FileWallet


class Client:
    """A user of a member organisation, connected to the member's peer. Any number of threads may use it.

    Args:
        profile: where the network is.
        signer: who acts.
        policy: how often a command is sent again after conflicts and unknown outcomes.
        on_retry: told each time one is.
        deadlines: how long each stage may take.
    """

    def __init__(
        self,
        profile: Profile,
        signer: Signer,
        *,
        policy: Policy | None = None,
        on_retry: Callable[[Retry], None] | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        self.profile = profile
        self.signer = signer
        self._policy = policy
        self._on_retry = on_retry
        gateway = Gateway.connect(
            profile.address,
            signer,
            tls_root=profile.tls_root,
            server_name=profile.server_name,
            deadlines=deadlines,
        )
        self._set_up(gateway, None)

    def acting_for(self, signer: Signer) -> Client:
        """The same connection for another user of the member.

        Notes and stock that one of them has in hand are held back from the others. Closing the client that
        this returns leaves the connection open; it lives as long as the client it came from.
        """
        other = object.__new__(Client)
        other.profile, other._policy, other._on_retry = self.profile, self._policy, self._on_retry
        other.signer = signer
        other._set_up(self._gateway.acting_for(signer), self)
        return other

    def _set_up(self, gateway: Gateway, beside: Client | None) -> None:
        self._gateway = gateway
        self.user = gateway.identity
        network = self.channel = gateway.network(self.profile.channel)
        self.submitter: Submitter = Submitter(
            network,
            self.profile.chaincode,
            self.profile.msp_id,
            self._policy,
            self._on_retry,
            None if beside is None else beside.submitter,
        )
        self._purse: Purse = Purse(self.submitter, None if beside is None else beside._purse)
        self._shelf: Shelf = Shelf(self.submitter, None if beside is None else beside._shelf)
        self.members = Members(self.submitter)
        self.config_updates = ConfigUpdates(self.submitter)
        self.products = Products(self.submitter)
        self.places = Places(self.submitter)
        self.listings = Listings(self.submitter)
        self.discounts = Discounts(self.submitter)
        self.coupons = Coupons(self.submitter)
        self.taxes = Taxes(self.submitter)
        self.accounts = Accounts(self.submitter, self._purse)
        self.ledger = Ledger(network, self.profile.chaincode)
        self.money = Money(self.submitter, self._purse, self.profile.msp_id, self.ledger)
        self.mandates = Mandates(self.submitter, self._purse)
        self.payment_requests = PaymentRequests(self.submitter, self._purse, self.profile.msp_id)
        self.receivables = Receivables(self.submitter, self._purse, self.profile.msp_id)
        self.fees = Fees(self.submitter)
        self.exchanges = Exchanges(self.submitter, self._purse, self.profile.msp_id)
        self.facilities = Facilities(self.submitter, self._purse, self.profile.msp_id)
        self.obligations = Obligations(self.submitter, self._purse, self.profile.msp_id)
        self.netting = Netting(self.submitter, self._purse, self.profile.msp_id)
        self.hashlocks = Hashlocks(self.submitter, self._purse, self.profile.msp_id)
        self.orders = Orders(self.submitter, self._purse, self._shelf, self.profile.msp_id)
        self.disputes = Disputes(self.submitter, self._purse)
        self.claims = Claims(self.submitter, self._purse, self.profile.msp_id)
        self.deliveries = Deliveries(self.submitter, self._purse)
        self.despatches = Despatches(self.submitter, self._purse)
        self.receipts = Receipts(self.submitter, self._purse)
        self.invoices = Invoices(self.submitter, self._purse)
        self.offers = Offers(self.submitter, self._purse, self.orders, self.profile.msp_id)
        self.tenders = Tenders(self.submitter, self.offers)
        self.ubl = Ubl(
            self.submitter,
            self.members,
            self.listings,
            self.products,
            self.orders,
            self.offers,
            self.profile.msp_id,
        )
        self.iso20022 = Iso20022(self.submitter, self.members, self.money, self.profile.msp_id)
        self.goods = Goods(self.submitter)
        self.alerts = Alerts(self.submitter)
        self.cold_chain = ColdChain(self.submitter)
        self.compliance = Compliance(self.submitter)
        self.papers = Papers(self.submitter)
        self.guards = Guards(self.submitter)

    def send(
        self,
        command: Command[Reply],
        *,
        transient: Mapping[str, bytes] | None = None,
        endorsing_organizations: Sequence[str] = (),
    ) -> Receipt[Reply]:
        """Carries out any command of the chaincode; a noun's method saves work where there is some.

        Args:
            command: such as ``AcceptOrder(id=new_id(), order=...)``. Sent again, it has no second effect.
            transient: private data, for the endorsers only.
            endorsing_organizations: who must endorse; empty leaves it to the endorsement policy.

        Raises:
            HansaError: see ``Submitter.submit``.
        """
        operation = BY_ARGUMENT[type(command)]
        reply = cast(type[Reply], operation.reply)
        return self.submitter.submit(
            operation.name,
            command,
            reply,
            transient=transient,
            endorsing_organizations=endorsing_organizations,
        )

    def ask(self, query: Query[Reply]) -> Reply:
        """Answers any question to the chaincode, such as ``GetOrder(order=...)``.

        Raises:
            HansaError: see ``Submitter.evaluate``.
        """
        operation = BY_ARGUMENT[type(query)]
        reply = cast(type[Reply], operation.reply)
        return self.submitter.evaluate(operation.name, query, reply)

    def catch_up(self) -> int:
        """Waits until the member's peer has every block that any member's peer has now.

        Each member reads his own peer, which may be a block behind another's. What is asked after this sees
        all that was committed anywhere before it; commands need no such care.

        Returns:
            the number of blocks it has at least.

        Raises:
            UnreachableError: PEER_BEHIND, where it does not within ``Policy.catch_up`` seconds.
        """
        return self.submitter.catch_up()

    def close(self) -> None:
        """Lets the connection go."""
        self.submitter.close()
        self._gateway.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connect(
    organization: str,
    user: str,
    *,
    data: Path | None = None,
    passphrase: str | None = None,
    policy: Policy | None = None,
    on_retry: Callable[[Retry], None] | None = None,
    deadlines: Deadlines | None = None,
) -> Client:
    """A client for a user of an organisation of a network on this machine.

    Args:
        organization: its name, MSP id or domain.
        user: the user's name in the organisation's wallet.
        data: the network's folder; without it ``$HANSA_DATA``, else the network brought up last.
        passphrase: opens the user's key; without it the password in the organisation's ``sign-ins.json``.
        policy, on_retry, deadlines: as ``Client`` takes them.

    Raises:
        ConnectionProfileError: no such network, organisation or user, or the key does not open.
    """
    return connect_member(
        member_folder(locate(data), organization),
        user,
        passphrase=passphrase,
        policy=policy,
        on_retry=on_retry,
        deadlines=deadlines,
    )


def connect_member(
    folder: Path,
    user: str,
    *,
    passphrase: str | None = None,
    policy: Policy | None = None,
    on_retry: Callable[[Retry], None] | None = None,
    deadlines: Deadlines | None = None,
) -> Client:
    """As ``connect``, with a folder (``profile.json``, ``wallet/``, ``sign-ins.json``)."""
    profile = Profile.read(folder / "profile.json")
    signer = sign_in(folder, user, passphrase)
    return Client(profile, signer, policy=policy, on_retry=on_retry, deadlines=deadlines)


def sign_in(folder: Path, user: str, passphrase: str | None = None) -> Signer:
    """The signer of a user in an organisation's wallet; arguments as ``connect_member``.

    Raises:
        ConnectionProfileError: UNKNOWN_USER, PASSPHRASE_NEEDED, or SIGN_IN_FAILED where it does not open.
    """
    known = sorted(path.name for path in (folder / "wallet").glob("*") if path.is_dir())
    if user not in known:
        raise ConnectionProfileError(
            "UNKNOWN_USER",
            f"There is no user {user!r} in this organisation's wallet.",
            f"Known are: {', '.join(known)}.",
        )
    secret = passphrase if passphrase is not None else _known_passphrase(folder, user)
    in_token = folder / "wallet" / user / f"{user}{SUFFIX}"
    try:
        if in_token.exists():
            return read_reference(in_token, secret)
        return FileWallet(folder / "wallet" / user, secret).get(user).signer
    except (WalletError, TokenError) as error:
        raise ConnectionProfileError(
            "SIGN_IN_FAILED", f"The key of {user} does not open: {error}", "Check the password."
        ) from error


def _known_passphrase(folder: Path, user: str) -> str:
    if (folder / "wallet" / user / f"{user}{SUFFIX}").exists() and os.environ.get(PIN_VARIABLE):
        return os.environ[PIN_VARIABLE]
    try:
        known = json.loads((folder / "sign-ins.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}  # a member may keep its passwords elsewhere
    if user not in known:
        raise ConnectionProfileError(
            "PASSPHRASE_NEEDED", f"The key of {user} needs its passphrase.", "Give it as passphrase=..."
        )
    return str(known[user])
