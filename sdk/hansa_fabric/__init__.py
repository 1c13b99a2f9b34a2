"""Fabric's data, without I/O: build, parse and verify."""
