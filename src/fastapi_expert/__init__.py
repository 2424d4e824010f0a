"""The FastAPI backend expert: reads, lints, renders and runs the pack."""

__version__ = "0.1.0"
