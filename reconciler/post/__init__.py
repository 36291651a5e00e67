"""Mail without Exchange: the outbox, a folder of messages, and SMTP."""
