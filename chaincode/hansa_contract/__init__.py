"""The contracts: read state, call the domain, write state and event."""
