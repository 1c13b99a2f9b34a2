"""Places an order, in one file. Start a network first (hansa up), then: python examples/place_order.py"""

import hansa

GTIN = "09521321999985"  # of GS1's demonstration prefix

with (
    hansa.connect("Bank", "treasurer") as bank,
    hansa.connect("Producer", "sales") as producer,
    hansa.connect("Retailer", "purchasing") as retailer,
):
    bank.money.mint("EUR", 100_00, "RetailerMSP")
    try:
        producer.products.register(GTIN, "Lamp")
    except hansa.RefusedError as refused:
        if refused.code != "PRODUCT_ALREADY_REGISTERED":
            raise
    listing = producer.listings.create(GTIN, unit_price=12_50, currency="EUR", quantity=20).reply.listing

    placed = retailer.orders.place(listing.id, 2)
    order = placed.reply.order
    print(f"{order.id} is {order.status}: {hansa.show_amount(order.amount, order.currency)} in escrow")
    print(f"block {placed.block_number}, transaction {placed.transaction_id}")

    producer.orders.accept(order.id)
    producer.orders.ship(order.id)
    producer.orders.deliver(order.id)  # no carrier: the seller says so itself
    settled = retailer.orders.confirm(order.id).reply.order
    print(f"{settled.id} is {settled.status}")

    try:
        retailer.orders.cancel(order.id)
    except hansa.RefusedError as refused:
        print(f"{refused.code}: {refused.message} {refused.hint}")
