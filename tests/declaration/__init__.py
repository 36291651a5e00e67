"""The declaration, through its public doors."""
