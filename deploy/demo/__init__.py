"""Real messages through the five workers, in front of your eyes."""
