"""What every test may ask for: the laboratory's domain controller, one for the whole session."""

pytest_plugins = ["tests.lab.fixtures"]
