"""`python -m app` serves the application with the settings of its environment.

On SIGTERM it takes no new request, finishes those in flight, and ends; after `SHUTDOWN_SECONDS` it drops what is left.
"""

import sys

import uvicorn
from pydantic import ValidationError

from app.core.logs import configure_logging
from app.settings import Settings


def main() -> int:
    """Serve until a signal comes; 2 when the settings are wrong."""
    try:
        settings = Settings()
    except ValidationError as error:
        for fault in error.errors():
            name = "".join(f"{step}: ".upper() for step in fault["loc"][:1])
            print(f"{name}{fault['msg'].removeprefix('Value error, ')}", file=sys.stderr)
        return 2
    configure_logging(settings.log_level)  # for the process that looks after several workers
    uvicorn.run(
        "app.main:create_served_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        forwarded_allow_ips=settings.forwarded_allow_ips,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
