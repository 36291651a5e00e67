"""The command line: one short module per group of verbs, and the only place where things are wired."""
