"""Real Hyperledger Fabric as native processes on this machine."""
