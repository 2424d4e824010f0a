"""What can go wrong with tasks."""

from app.core.errors import NotFoundError


class TaskNotFoundError(NotFoundError):
    """There is no such task, or it is somebody else's; which of the two is not told."""

    code = "task-not-found"
    detail = "You have no task with this id."
