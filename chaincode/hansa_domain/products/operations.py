"""Products from registration on: revised, certified, passed on to another owner."""

from __future__ import annotations

from msgspec.structs import replace

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import (
    Event,
    ProductCertified,
    ProductOffered,
    ProductRegistered,
    ProductRevised,
    ProductTransferred,
)
from hansa_domain.gs1 import gtin14
from hansa_domain.history import earlier_versions, superseded
from hansa_domain.members import known_member, member_key, require_role
from hansa_domain.operation import (
    Context,
    Decision,
    Fetch,
    Key,
    Record,
    Scan,
    Steps,
    decode_record,
    operation,
)
from hansa_domain.products.commands import (
    AcceptProduct,
    AddCertificate,
    GetProduct,
    ListProducts,
    ListProductVersions,
    OfferProduct,
    ProductReply,
    ProductsReply,
    ProductVersionsReply,
    RegisterProduct,
    ReviseProduct,
    RevokeCertificate,
)
from hansa_domain.products.details import (
    MAX_CERTIFICATES,
    HeldCertificate,
    check_certificate,
    check_details,
)
from hansa_domain.products.records import Product, load_product, product_key, require_owner


@operation("products:Register", RegisterProduct, ProductReply)
def register(command: RegisterProduct, context: Context) -> Steps:
    """The first to register a GTIN owns it."""
    gtin = gtin14(command.gtin, "gtin")
    check_details(command.details, "details")
    records = yield Fetch(keys=(product_key(gtin), member_key(context.caller.msp_id)))
    require_role(records, context, ("producer", "retailer"), "register products")
    if records.find(Product, gtin) is not None:
        raise Refusal(Code.PRODUCT_ALREADY_REGISTERED, f"The GTIN {gtin} is registered already.", "gtin")
    product = Product(
        gtin=gtin,
        owner=context.caller.msp_id,
        name=command.name,
        brand=command.brand,
        description=command.description,
        details=command.details,
        registered_at=context.at,
    )
    event = ProductRegistered(
        gtin=gtin,
        owner=product.owner,
        name=product.name,
        brand=product.brand,
        at=context.at,
        details=product.details,
    )
    return _decided(product, event)


@operation("products:Revise", ReviseProduct, ProductReply)
def revise(command: ReviseProduct, context: Context) -> Steps:
    """Another version takes the place of the present one, which stays readable."""
    check_details(command.details, "details")
    product = yield from load_product(gtin14(command.gtin, "gtin"))
    require_owner(product, context, "revise")
    if command.version != product.version:
        raise Refusal(
            Code.PRODUCT_VERSION, f"Version {product.version} is the present one of this product.", "version"
        )
    revised = replace(
        product,
        name=command.name,
        brand=command.brand,
        description=command.description,
        details=command.details,
        version=product.version + 1,
        revised_at=context.at,
    )
    event = ProductRevised(
        gtin=product.gtin,
        owner=product.owner,
        version=revised.version,
        name=revised.name,
        brand=revised.brand,
        details=revised.details,
        at=context.at,
    )
    return _decided(revised, event, superseded(product_key(product.gtin), product.version, product))


@operation("products:AddCertificate", AddCertificate, ProductReply)
def add_certificate(command: AddCertificate, context: Context) -> Steps:
    """The product has one more certificate."""
    check_certificate(command.certificate, context.at)
    gtin, issuer = gtin14(command.gtin, "gtin"), command.certificate.member
    keys = (product_key(gtin), *((member_key(issuer),) if issuer is not None else ()))
    records = yield Fetch(keys=keys)
    product = records.get(Product, gtin, refuse=Code.PRODUCT_NOT_FOUND, where="gtin")
    require_owner(product, context, "certify")
    if issuer is not None:
        known_member(records, issuer, "certificate.member")
    name = (command.certificate.kind, command.certificate.number)
    if any((each.certificate.kind, each.certificate.number) == name for each in product.certificates):
        raise Refusal(
            Code.CERTIFICATE_REPEATED, f"The product has {' '.join(name)} already.", "certificate.number"
        )
    if len(product.certificates) >= MAX_CERTIFICATES:
        raise Refusal(
            Code.CERTIFICATE_REPEATED,
            f"A product has at most {MAX_CERTIFICATES} certificates.",
            "certificate",
        )
    held = HeldCertificate(certificate=command.certificate, added_at=context.at)
    certified = replace(product, certificates=[*product.certificates, held])
    return _decided(certified, _certified(product, held, context))


@operation("products:RevokeCertificate", RevokeCertificate, ProductReply)
def revoke_certificate(command: RevokeCertificate, context: Context) -> Steps:
    """The certificate holds no longer; that it did, and until when, stays on the ledger."""
    product = yield from load_product(gtin14(command.gtin, "gtin"))
    name = (command.kind, command.number)
    places = [
        place
        for place, each in enumerate(product.certificates)
        if (each.certificate.kind, each.certificate.number) == name
    ]
    if not places:
        raise Refusal(Code.CERTIFICATE_NOT_FOUND, f"The product has no {' '.join(name)}.", "number")
    held = product.certificates[places[0]]
    if context.caller.msp_id != held.certificate.member:
        require_owner(product, context, "revoke a certificate of")
    if held.revoked_at is not None:
        raise Refusal(Code.CERTIFICATE_NOT_FOUND, f"It was revoked at {held.revoked_at}.", "number")
    revoked = replace(held, revoked_at=context.at, revoked_by=context.caller.msp_id)
    certificates = list(product.certificates)
    certificates[places[0]] = revoked
    changed = replace(product, certificates=certificates)
    return _decided(changed, _certified(product, revoked, context))


def _certified(product: Product, held: HeldCertificate, context: Context) -> ProductCertified:
    return ProductCertified(
        gtin=product.gtin,
        certificate=held.certificate,
        revoked=held.revoked_at is not None,
        by=context.caller.msp_id,
        at=context.at,
    )


@operation("products:OfferTransfer", OfferProduct, ProductReply)
def offer_transfer(command: OfferProduct, context: Context) -> Steps:
    """The owner lets a member take the product over; until he does, nothing changes."""
    gtin, taker = gtin14(command.gtin, "gtin"), command.taker
    keys = (product_key(gtin), *((member_key(taker),) if taker is not None else ()))
    records = yield Fetch(keys=keys)
    product = records.get(Product, gtin, refuse=Code.PRODUCT_NOT_FOUND, where="gtin")
    require_owner(product, context, "pass on")
    if taker is not None:
        if taker == product.owner:
            raise Refusal(Code.NOT_PERMITTED, f"The product is {taker}'s already.", "taker")
        if known_member(records, taker, "taker").role not in ("producer", "retailer"):
            raise Refusal(Code.NOT_PERMITTED, "Only a producer or retailer answers for products.", "taker")
    offered = replace(product, offered_to=taker)
    event = ProductOffered(gtin=gtin, owner=product.owner, taker=taker, at=context.at)
    return _decided(offered, event)


@operation("products:AcceptTransfer", AcceptProduct, ProductReply)
def accept_transfer(command: AcceptProduct, context: Context) -> Steps:
    """The product has a new owner; its listings stay those of who made them."""
    product = yield from load_product(gtin14(command.gtin, "gtin"))
    if product.offered_to != context.caller.msp_id:
        raise Refusal(Code.NOT_PERMITTED, f"{product.owner} has not offered you this product.", "gtin")
    taken = replace(product, owner=context.caller.msp_id, offered_to=None)
    event = ProductTransferred(gtin=product.gtin, giver=product.owner, owner=taken.owner, at=context.at)
    return _decided(taken, event)


def _decided(product: Product, event: Event, more: dict[Key, Record | None] | None = None) -> Decision:
    return Decision(
        reply=ProductReply(product=product),
        writes={**(more or {}), product_key(product.gtin): product},
        events=(event,),
    )


@operation("products:Get", GetProduct, ProductReply)
def get(command: GetProduct, context: Context) -> Steps:
    """One product by any form of its GTIN."""
    product = yield from load_product(gtin14(command.gtin, "gtin"))
    return Decision(reply=ProductReply(product=product))


@operation("products:Versions", ListProductVersions, ProductVersionsReply)
def versions(command: ListProductVersions, context: Context) -> Steps:
    """Every version of one product."""
    product = yield from load_product(gtin14(command.gtin, "gtin"))
    earlier = yield from earlier_versions(Product, product.gtin)
    return Decision(reply=ProductVersionsReply(versions=[*earlier, product]))


@operation("products:List", ListProducts, ProductsReply)
def list_products(command: ListProducts, context: Context) -> Steps:
    """Products in order of GTIN."""
    scan = Scan((Product.NOUN,), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    products = [decode_record(value, Product) for _, value in page.items]
    return Decision(reply=ProductsReply(products=products, bookmark=page.bookmark))
