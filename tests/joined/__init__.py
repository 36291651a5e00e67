"""Active Directory and Exchange as one target, where they have to be told apart or go wrong together."""
