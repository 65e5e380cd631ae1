"""What changed between two states of the graph, by meaning.

Comes in: the doors.
Never: looks at layout, order of lines or labels of blank nodes.
"""
