"""Speed and memory of a network on this machine; run by ``./scripts/bench``."""
