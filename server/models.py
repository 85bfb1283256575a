"""The painters that an artist may choose from, by name. Both processes of the server read this; it imports nothing."""

from __future__ import annotations

DEFAULT_MODEL = "style2paints"
MODELS = {DEFAULT_MODEL: "Style2Paints", "auto-painter": "Auto-painter"}
