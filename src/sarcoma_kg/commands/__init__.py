"""The commands: each parses nothing and decides nothing; it calls a module and prints."""
