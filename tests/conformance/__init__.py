"""The promises of a target, kept by every target there is."""
