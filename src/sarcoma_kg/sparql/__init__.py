"""What a query may do, and whether it means the same everywhere.

Comes in: stores and all above.
Never: runs a query.
"""
