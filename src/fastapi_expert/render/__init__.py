"""Templates to files: options, rendering, the plan of a change, and writing it."""
