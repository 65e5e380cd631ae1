"""The commands: each parses, calls and prints.

Comes in: cli.
Never: decides anything that Python users would miss.
"""
