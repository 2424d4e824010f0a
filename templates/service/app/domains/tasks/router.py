"""`/tasks`: the resource that shows every pattern. Make your first resource of it, or render with `--no-example`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response, status

from app.core.conditional import IfMatchDep, IfNoneMatchDep, etag
from app.core.idempotency import IdempotencyDep
from app.core.keys import Key
from app.core.pagination import Page
from app.core.problems import documented
from app.domains.api_keys.dependencies import require_scope
from app.domains.api_keys.schemas import Scope
from app.domains.auth.dependencies import CallerDep
from app.domains.tasks.dependencies import TaskServiceDep
from app.domains.tasks.schemas import TaskBatch, TaskCreate, TaskQuery, TaskRead, TaskUpdate

router = APIRouter(
    prefix="/tasks",
    tags=["tasks"],
    responses=documented(
        status.HTTP_401_UNAUTHORIZED,
        # % if api_keys
        status.HTTP_403_FORBIDDEN,
        # % endif
    ),
)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Create a task",
    # % if api_keys
    dependencies=[Depends(require_scope(Scope.TASKS_WRITE))],
    # % endif
)
async def create_task(
    wanted: TaskCreate,
    caller: CallerDep,
    tasks: TaskServiceDep,
    # % if idempotency
    idempotency: IdempotencyDep,
    # % endif
    request: Request,
    response: Response,
) -> TaskRead:
    """Create a task; `Location` says where it is.
    # % if idempotency

    With an `Idempotency-Key`, sending it again creates no other.
    # % endif
    """

    async def create() -> TaskRead:
        (task,) = await tasks.create(caller.id, [wanted])
        return TaskRead.model_validate(task)

    # = task = await {{ 'idempotency.once("create-task", wanted, TaskRead, create)' if idempotency else "create" }}()
    task = await idempotency.once("create-task", wanted, TaskRead, create)()
    response.headers["Location"] = request.url_for("read_task", task_id=task.id).path
    response.headers["ETag"] = etag(task.version)
    return task


@router.post(
    "/batch",
    status_code=status.HTTP_201_CREATED,
    summary="Create several tasks",
    # % if api_keys
    dependencies=[Depends(require_scope(Scope.TASKS_WRITE))],
    # % endif
)
async def create_tasks(wanted: TaskBatch, caller: CallerDep, tasks: TaskServiceDep) -> list[TaskRead]:
    """Create up to 100 tasks: all of them, or none when one is wrong."""
    return [TaskRead.model_validate(task) for task in await tasks.create(caller.id, wanted.tasks)]


@router.get(
    "",
    summary="List tasks",
    # % if api_keys
    dependencies=[Depends(require_scope(Scope.TASKS_READ))],
    # % endif
)
async def list_tasks(query: Annotated[TaskQuery, Query()], caller: CallerDep, tasks: TaskServiceDep) -> Page[TaskRead]:
    """List the own tasks, page by page. Keep filters and `sort` from page to page."""
    found, next_cursor = await tasks.page(caller.id, query)
    return Page(items=list(found), next_cursor=next_cursor)


@router.get(
    "/{task_id:key}",
    summary="Read a task",
    # % if api_keys
    dependencies=[Depends(require_scope(Scope.TASKS_READ))],
    # % endif
    response_model=TaskRead,
    responses=documented(status.HTTP_404_NOT_FOUND) | {304: {"description": "You have this version"}},
)
async def read_task(
    task_id: Key, caller: CallerDep, tasks: TaskServiceDep, seen: IfNoneMatchDep, response: Response
) -> TaskRead | Response:
    """Read one of the own tasks; with `If-None-Match`, only when it has changed."""
    task = await tasks.read(caller.id, task_id)
    headers = {"ETag": etag(task.version)}
    if seen.has(task.version):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    response.headers.update(headers)
    return task


@router.patch(
    "/{task_id:key}",
    summary="Change a task",
    # % if api_keys
    dependencies=[Depends(require_scope(Scope.TASKS_WRITE))],
    # % endif
    responses=documented(status.HTTP_404_NOT_FOUND, status.HTTP_412_PRECONDITION_FAILED),
)
async def update_task(
    task_id: Key,
    changes: TaskUpdate,
    caller: CallerDep,
    tasks: TaskServiceDep,
    if_match: IfMatchDep,
    response: Response,
) -> TaskRead:
    """Change what is sent. `If-Match` with the `ETag` that was read keeps two from overwriting each other."""
    task = await tasks.update(caller.id, task_id, changes, if_match)
    response.headers["ETag"] = etag(task.version)
    return TaskRead.model_validate(task)


@router.delete(
    "/{task_id:key}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Delete a task",
    # % if api_keys
    dependencies=[Depends(require_scope(Scope.TASKS_WRITE))],
    # % endif
    responses=documented(status.HTTP_404_NOT_FOUND, status.HTTP_412_PRECONDITION_FAILED),
)
async def delete_task(task_id: Key, caller: CallerDep, tasks: TaskServiceDep, if_match: IfMatchDep) -> None:
    """Delete one of the own tasks, with `If-Match` only in the version that was read."""
    await tasks.delete(caller.id, task_id, if_match)
