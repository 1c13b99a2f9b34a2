"""The rules of trade: typed commands, state and decisions. Pure: no I/O, no clock, no Fabric."""
