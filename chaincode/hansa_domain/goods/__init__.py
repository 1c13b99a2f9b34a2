"""Goods: EPCIS events as members report them, the units of goods they tell of, and who holds each."""
