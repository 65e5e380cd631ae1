"""A sarcoma knowledge graph and the toolkit that builds, checks and questions it.

import sarcoma_kg as skg
kg = skg.open()
kg.ask("CQ01", disease="synovial sarcoma").to_pandas()
"""

from typing import TYPE_CHECKING, Any

from sarcoma_kg.ground.version import __version__

if TYPE_CHECKING:
    from sarcoma_kg.api import Answer, Explanation, KnowledgeGraph, Row, Shown, open
    from sarcoma_kg.ground.errors import UserError

__all__ = [
    "Answer", "Explanation", "KnowledgeGraph", "Row", "Shown", "UserError", "__version__",
    "open",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import the API when it is first used: the command line does without."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from sarcoma_kg import api
    from sarcoma_kg.ground.errors import UserError

    return UserError if name == "UserError" else getattr(api, name)
