"""A complete Fabric chaincode shim for Python. Generic: knows nothing of trade."""
