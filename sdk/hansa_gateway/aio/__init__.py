"""The asyncio face: the same names as the blocking one, awaited. A gateway belongs to one event loop."""
