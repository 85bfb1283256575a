"""Which styles there are, for the page and for programs; what paints in them is a job like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bottle import HTTPResponse, static_file

from s2p import style_shelf, weights
from s2p.errors import NotFoundError

from .bodies import off_the_loop
from .openapi import Route

if TYPE_CHECKING:
    from .service import Service

_FRESH = {"Cache-Control": "no-cache"}


def get_styles(service: Service) -> dict[str, Any]:
    """Names in their order; read again every time, since a person may add some meanwhile."""
    return off_the_loop(_styles)


def get_thumbnails(service: Service) -> HTTPResponse:
    strip = off_the_loop(lambda: style_shelf.strip_of(weights.find(style_shelf.NETWORK)))
    if strip is None:
        raise NotFoundError("These styles have no thumbnails.")
    return static_file(strip.name, root=str(strip.parent), headers=dict(_FRESH))


def _styles() -> dict[str, Any]:
    found = weights.find(style_shelf.NETWORK)
    strip = style_shelf.strip_of(found)
    names = list(style_shelf.names_of(found)) if found.trained else []
    address = None if strip is None else f"/api/v1/styles/thumbnails.jpg?v={found.sha256[:8]}"
    return {"styles": names, "tile": style_shelf.TILE, "thumbnails": address}


ROUTES = (
    Route("GET", "/api/v1/styles", get_styles, "The styles of paintings, in their order.",
          returns={200: "{styles, tile, thumbnails}"}),
    Route("GET", "/api/v1/styles/thumbnails.jpg", get_thumbnails, "A square picture of each, side by side.",
          returns={200: "picture"}),
)
