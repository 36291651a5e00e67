"""The Sistema de Oficios: how orders are raised and closed in it, by hand, by files or over HTTP."""
