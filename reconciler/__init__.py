"""cuentas: declared official e-mail accounts, reconciled with Active Directory and Exchange."""
