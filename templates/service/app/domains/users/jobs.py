# % if welcome
"""What is done for users after their request was answered."""

from typing import ClassVar

from app.core.jobs import Job, JobResources
from app.core.keys import Key
from app.core.messages import Email, deliver_once
from app.domains.users.repository import UserRepository


class WelcomeUser(Job):
    """Greets somebody who has registered."""

    name: ClassVar[str] = "users.welcome"

    user_id: Key

    async def run(self, resources: JobResources) -> None:
        """Send the e-mail, if the account still exists."""
        async with resources.sessions.begin() as session:
            user = await UserRepository(session).get(self.user_id)
        if user is None:
            return
        email = Email(user.email, "Welcome", "Your account is ready: you can log in now.")
        key = f"welcome:{self.user_id}"
        await deliver_once(resources.sessions, key, lambda: resources.emails.send(email, key))


jobs: list[type[Job]] = [WelcomeUser]
# % endif
