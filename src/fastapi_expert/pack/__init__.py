"""Reading a pack: agents, skills, templates and proofs as they lie on disk, everything with its place."""
