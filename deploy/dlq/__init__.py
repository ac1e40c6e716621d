"""Dead letters for operators: see what workers could not take, and give it to them again."""
