"""What people read: plans, histories and audits in Spanish, for terminals and for pull requests."""
