"""The door for programs: an HTTP server over the graph, and the documents that it gives.

Comes in: `sarcoma-kg serve`; agents, for the documents.
Never: opens a file or an address that a request names, or lets one request hold up the others.

`documents` says what an answer carries; `app` which address does what; `graph`, `pool` and
`worker` where the work is done, and how it is bounded. It needs the extra `sarcoma-kg[serve]`.
"""

__all__: list[str] = []
