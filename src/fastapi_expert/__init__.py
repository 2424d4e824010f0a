"""The FastAPI backend expert: reads, lints, renders and runs the pack."""
