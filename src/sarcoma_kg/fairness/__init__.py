"""How FAIR an ontology is, as far as a file tells: the tests of FOOPS! and of the OBO Dashboard.

Each module names where its checks are defined. What needs the network (does an address resolve, is
a prefix registered?) is told as not checkable, with the reason.
"""
