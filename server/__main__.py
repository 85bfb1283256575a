"""`python -m server` is the same as `python server/server.py`."""

from .server import main

raise SystemExit(main())
