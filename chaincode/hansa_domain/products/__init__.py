"""Products: goods as GS1 identifies them, registered by the member that answers for them."""
