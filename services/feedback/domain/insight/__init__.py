"""What the messages of some weeks tell people: findings, each with the messages behind it."""
