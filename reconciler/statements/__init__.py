"""The reports of PSDT-08 as values, in words: what each one says is the same on paper, on screen and in a file."""
