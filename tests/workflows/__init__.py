"""The workflows, run step by step as a runner would, over a local bare repository."""
