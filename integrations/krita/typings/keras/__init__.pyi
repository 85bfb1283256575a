# Keras declares no types. What pyright guesses from its source is wrong (an operation may give None, `verbose` is text,
# a layer takes no initializer), so here it is what it is to any other type checker: of no known type.
from typing import Any

def __getattr__(name: str) -> Any: ...
