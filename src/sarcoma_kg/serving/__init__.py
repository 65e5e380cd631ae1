"""The door for programs: an HTTP server over the graph, the documents that it gives, and agents.

Comes in: requests of anybody.
Never: opens a file or an address that a request names, or changes the graph.
"""
