"""What is printed or filled in, read back as its readers would."""
