from fastapi_expert.pack.location import content_root


def test_the_content_root_holds_what_people_came_for() -> None:
    root = content_root()

    assert (root / "agents" / "fastapi-backend-expert.md").is_file()
    assert (root / "skills").is_dir()
    assert (root / "templates").is_dir()
