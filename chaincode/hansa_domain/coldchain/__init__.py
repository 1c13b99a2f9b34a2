"""Cold chain: what a product must be kept at, and what sensors say of how it was kept."""
