"""A Fabric Gateway client for Python. Generic: knows nothing of trade."""
