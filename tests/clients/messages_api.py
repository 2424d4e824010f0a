"""A stand-in for the Messages API on loopback: it has the first request delegated, and keeps what it is sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class MessagesApi:
    """What is answered, and what came in.

    Attributes:
        subagent: the type of the subagent that the first request with a tool for that is delegated to.
        url: where it listens.
        requests: the bodies of the requests, in order.
    """

    subagent: str
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    delegated: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], str]:
        """The content block to start with, the change to it, and why the answer ends there."""
        delegating = next(
            (t["name"] for t in request.get("tools", []) if "subagent_type" in str(t.get("input_schema"))), None
        )
        with self.lock:
            self.requests.append(request)
            first, self.delegated = not self.delegated, self.delegated or delegating is not None
        if delegating is None or not first:
            return {"type": "text", "text": ""}, {"type": "text_delta", "text": "Done."}, "end_turn"
        work = {"description": "Look", "prompt": "Say what you know.", "subagent_type": self.subagent}
        block = {"type": "tool_use", "id": "toolu_1", "name": delegating, "input": {}}
        return block, {"type": "input_json_delta", "partial_json": json.dumps(work)}, "tool_use"

    def first_of_the_subagent(self) -> dict[str, Any]:
        """The request with which the subagent started: its first message holds the prompt that it was given."""
        return next(r for r in self.requests if "Say what you know." in json.dumps(r["messages"][:1]))


@contextmanager
def messages_api(subagent: str) -> Iterator[MessagesApi]:
    """Run the stand-in."""
    api = MessagesApi(subagent)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path.split("?")[0] != "/v1/messages":
                self.send_error(404)
                return
            body = b"".join(_events(request, *api.answer(request)))
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        api.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield api
        finally:
            server.shutdown()


def _events(request: dict[str, Any], block: dict[str, Any], delta: dict[str, Any], reason: str) -> Iterator[bytes]:
    """The server-sent events of one answer, as the API's reference lists them under "Streaming Messages"."""
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": request["model"], "content": []}
    for event in (
        {"type": "message_start", "message": message | {"stop_reason": None, "stop_sequence": None, "usage": usage}},
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": usage},
        {"type": "message_stop"},
    ):
        yield f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
