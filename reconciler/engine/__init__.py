"""The order of events: propose, confirm, apply; and the interfaces that it needs."""
