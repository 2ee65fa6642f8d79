"""Queue, pairing and blind brokering. Read `broker.py` first, then `waiting_room.py`."""
