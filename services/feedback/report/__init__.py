"""The quality figures, costs and the policy, for people and for programs."""
