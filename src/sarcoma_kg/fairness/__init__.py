"""How FAIR an ontology is, as far as a file tells: the tests of FOOPS! and the OBO Dashboard.

Comes in: the doors.
Never: asks the network: what needs it is told as not checkable.

Each module names where its checks are defined.
"""
