"""What is promised of Exchange's side of the shell."""
