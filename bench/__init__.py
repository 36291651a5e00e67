"""Benchmarks: whole processes, beside references measured in the same run."""
