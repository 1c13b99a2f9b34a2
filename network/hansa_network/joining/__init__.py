"""One organisation that comes to a running network: its keys, its part of the network, its engine."""
