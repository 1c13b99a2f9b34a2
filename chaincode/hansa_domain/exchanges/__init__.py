"""One currency against another: at a price held for a while, or at the oracles' rate."""
