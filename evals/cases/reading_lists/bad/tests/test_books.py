"""The service as a reader sees it."""

from fastapi.testclient import TestClient

from app.main import create_app


def test_a_book_is_shown_to_its_owner() -> None:
    with TestClient(create_app()) as client:
        headers = []
        for name in ("tested_ada", "tested_eve"):
            credentials = {"username": name, "password": "correct horse battery staple"}
            client.post("/v1/accounts", json=credentials)
            token = client.post("/v1/login", json=credentials).json()["access_token"]
            headers.append({"Authorization": f"Bearer {token}"})
        book = client.post("/v1/books", json={"title": "Emma", "author": "Jane Austen"}, headers=headers[0]).json()

        assert client.get(f"/v1/books/{book['id']}", headers=headers[0]).status_code == 200
