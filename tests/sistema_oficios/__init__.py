"""The Sistema de Oficios' adapters."""
