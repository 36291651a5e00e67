"""The servers that the tests run against, and that `make lab` leaves running."""
