"""The main job from beginning to end, as its users run it, on real servers."""
