"""What is played: each scenario says what was wanted and what came of it."""
