"""The double of Exchange's management shell: the real wire, its state in the lab's own directory."""
