"""What a gateway client knows and decides, without I/O: both faces, blocking and asyncio, are made of it."""
