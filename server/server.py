"""The server: `python server.py`, in this folder or by its path.

    python server.py [--port 8232] [--host 127.0.0.1] [--open] [--data FOLDER]
"""

from gevent import monkey

monkey.patch_all()

# ruff: noqa: E402  nothing may be imported before the patch
import argparse
import errno
import logging
import signal
import sys
import webbrowser
from pathlib import Path

import gevent
from gevent.pool import Pool

HERE = Path(__file__).resolve().parent
# This folder must not be searched for modules: its files have short names. The one that its package lies in must:
# the project's, or, where pip has put this folder into s2p, the one of s2p.
_IS_INSTALLED = (HERE.parent / "__init__.py").is_file()
sys.path[:] = [str(HERE.parents[_IS_INSTALLED]), *(one for one in sys.path if Path(one or ".").resolve() != HERE)]
if not __package__:  # started by its path
    __package__ = "s2p.server" if _IS_INSTALLED else HERE.name

from .connections import Server

log = logging.getLogger("server")

PORT = 8232
_TRIED_PORTS = 20
_TAKEN = (errno.EADDRINUSE, errno.EACCES, 10013, 10048)  # the last two are what Windows says


def listen(host: str, port: int) -> tuple[Server, int]:
    """A server on the port, or on the next free one; says so. The application is set later."""
    for candidate in (*range(port, min(port + _TRIED_PORTS, 65_536)), 0):
        server = Server((host, candidate), None, log=None, error_log=logging.getLogger("server.http"), spawn=Pool())
        try:
            server.init_socket()
        except OSError as error:
            if error.errno not in _TAKEN and getattr(error, "winerror", 0) not in _TAKEN:
                raise SystemExit(f"The server cannot listen on {host}: {error}. Choose another --host.") from None
            continue
        used = server.server_port or candidate
        if port not in (0, used):
            print(f"Port {port} is taken or not allowed; using {used} instead.", file=sys.stderr)
        return server, used
    raise SystemExit(f"No free port was found near {port}. Choose another one with --port.")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="server.py", description="Serves the painter on this computer.")
    parser.add_argument("--port", type=_port, default=PORT, help=f"default {PORT}; the next free one if it is taken")
    parser.add_argument("--host", default="127.0.0.1",
                        help="default 127.0.0.1, this computer alone; 0.0.0.0 lets everybody in your network "
                             "paint here and see all rooms")
    parser.add_argument("--open", action="store_true", help="open the page in the browser")
    parser.add_argument("--painter", help=argparse.SUPPRESS)
    parser.add_argument("--data", "--base", metavar="FOLDER", type=Path,
                        help="where rooms, results and config.ini lie; default $S2P_DATA, or beside this program, or "
                             "the user's data folder where pip has installed it")
    parser.add_argument("--public-url", metavar="URL",
                        help="the address under which a proxy shows this server, such as https://art.example/paint/")
    parser.add_argument("--trusted-proxies", metavar="ADDRESSES", help="proxies whose X-Forwarded headers are believed")
    parser.add_argument("--allowed-hosts", metavar="NAMES", help="more names under which this server may be called")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s", datefmt="%H:%M:%S")

    from s2p.errors import S2PError

    from .app import make_app
    from .bodies import off_the_loop
    from .configuration import Configuration
    from .folders import INI, data_folder, make_data_folder
    from .service import Service
    from .store import Store

    addresses = {name: getattr(options, name) for name in ("allowed_hosts", "public_url", "trusted_proxies")}
    try:
        base = make_data_folder(data_folder(options.data))
        configuration = Configuration(base / INI, addresses=addresses)
        store = Store(base, aside=off_the_loop)
        service = Service(store, configuration, client=HERE / "client", painter=options.painter)
        server, port = listen(options.host, options.port)
        service.start()
    except S2PError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    server.application = make_app(service)
    sys.setswitchinterval(0.001)  # what is done off the loop must not keep the page waiting
    _announce(options.host, port, browse=options.open, public=configuration.limits.public_url)
    for name in ("SIGINT", "SIGTERM"):
        gevent.signal_handler(getattr(signal, name), server.stop, 2)
    try:
        server.serve_forever()
    finally:
        service.stop()
    return 0


def _announce(host: str, port: int, *, browse: bool, public: str = "") -> None:
    is_local = host in ("127.0.0.1", "localhost", "::1")
    shown = "localhost" if is_local or host in ("0.0.0.0", "::") else host
    address = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"
    print(f"Open {address} in a browser. Stop with Ctrl+C.", flush=True)
    if public:
        print(f"Behind a proxy it is {public}.", file=sys.stderr, flush=True)
    if not is_local:
        print(f"Listening on {host}: everybody who reaches this address can paint here and see all rooms.",
              file=sys.stderr, flush=True)
    if browse:
        gevent.spawn_later(0.3, webbrowser.open, address)


def _port(text: str) -> int:
    try:
        port = int(text)
    except ValueError:
        port = -1
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"a port is a whole number from 0 to 65535. Received: {text!r}.")
    return port


if __name__ == "__main__":
    sys.exit(main())
