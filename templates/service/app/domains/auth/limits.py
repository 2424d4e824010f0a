"""How often one client may try a password."""

from app.core.rate_limits import limited

limit_logins = limited("log-in", lambda request: request.app.state.resources.settings.login_limit)
