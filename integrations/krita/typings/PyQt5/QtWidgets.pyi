# Only Krita has it: any name may be there.
from typing import Any

def __getattr__(name: str) -> Any: ...
