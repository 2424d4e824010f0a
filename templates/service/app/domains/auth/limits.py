"""How often one client may try to log in."""

from app.core.rate_limits import limited

limit_logins = limited("log-in", lambda settings: settings.login_limit)
