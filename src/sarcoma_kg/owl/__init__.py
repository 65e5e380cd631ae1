"""OWL: documents and imports, reasoner, OWL API, explanations, the class tree.

Comes in: building, differences, fairness.
Never: fetches an import, or lets Java read a file of the user.
"""
