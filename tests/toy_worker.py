"""What a worker of the server imports to know the toy of `tests/toy_system.py`: its table is one of its own."""

from tests import toy_system

toy_system.add()
painter = toy_system.painter
