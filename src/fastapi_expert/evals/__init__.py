"""Cases played by an assistant, with this pack and without it, and graded by running what it left behind."""
