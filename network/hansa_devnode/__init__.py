"""The embedded engine: Fabric's protocols in one Python process."""
