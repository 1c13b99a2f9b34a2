"""Servers: Gateway, Endorser, Deliver, AtomicBroadcast and Discovery, as Fabric's nodes do."""
