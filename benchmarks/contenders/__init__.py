"""The servers that are measured beside the rendered service: each is an ASGI application in a module of its own."""
