"""The door for programs: an HTTP server over the graph, and the documents that it gives."""

__all__: list[str] = []
