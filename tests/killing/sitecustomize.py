"""Ends a process of the server in the middle of its work. Every Python that finds this folder in its path imports it.

`$KILLED_WHILE_WRITING` names a file with three words: a role (`http`, `pictures`, or a lane that paints), a number and
`before` or `after`. The process of that role is killed before or after it puts its so many-th file into place, and the
file is taken away then.
"""

import os
import signal
import sys

_ORDERS = os.environ.get("KILLED_WHILE_WRITING", "")
_seen = {"orders": "", "count": 0}


def _role() -> str:
    words = sys.orig_argv
    if not any(word.endswith("worker.py") for word in words):
        return "http"
    return words[words.index("--lane") + 1] if "--lane" in words else "pictures"


def _obeying(function):
    def put(*arguments, **options):
        try:
            with open(_ORDERS) as file:
                orders = file.read()
        except OSError:
            return function(*arguments, **options)
        role, number, moment = orders.split()
        if role != _role():
            return function(*arguments, **options)
        if orders != _seen["orders"]:
            _seen.update(orders=orders, count=0)
        _seen["count"] += 1
        if _seen["count"] < int(number):
            return function(*arguments, **options)
        if moment == "after":
            function(*arguments, **options)
        os.unlink(_ORDERS)
        os.kill(os.getpid(), signal.SIGKILL)

    return put


if _ORDERS:
    os.replace, os.rename = _obeying(os.replace), _obeying(os.rename)
