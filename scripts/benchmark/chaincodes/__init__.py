"""One chaincode, written for each shim compared: ``nothing``, ``each`` and, where offered, ``batched``."""
