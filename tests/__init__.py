"""Tests of cuentas; they mirror the package, and tests/lab holds the servers they run against."""
