"""From files to a graph: load, reason, infer, examine, keep.

Comes in: pages and all above.
Never: leaves half a build, or a graph that breaks a rule.
"""
