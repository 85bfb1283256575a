"""The server with the toy of `tests/toy_system.py` in its table: `python -m tests.toy_server`, words as `server.py`."""

import sys

from server.server import main  # first, because its first statement is gevent's patch
from tests import toy_system

if __name__ == "__main__":
    toy_system.add()
    sys.exit(main())
