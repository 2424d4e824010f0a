"""Putting the agent and the skills where an assistant looks for them."""
