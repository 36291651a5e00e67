"""Tests of the words and layouts that people read."""
