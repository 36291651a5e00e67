"""What every test may ask for: the laboratory, one for the whole session."""

import signal

pytest_plugins = ["tests.lab.fixtures"]

# Whoever starts the suite in the background may have it ignore Ctrl-C; commands that are sent one would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
