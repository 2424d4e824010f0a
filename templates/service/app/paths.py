"""Where the routes of accounts and log-in are, after `API_PREFIX`: a contract that differs is met here."""

# = REGISTER = "{{ register_path }}"
REGISTER = "/users"
# % if roles
USERS = "/users"
# % endif
# = ME = "{{ me_path }}"
ME = "/users/me"
# % if password_change
PASSWORD = f"{ME}/password"
# % endif
# = LOGIN = "{{ login_path }}"
LOGIN = "/auth/token"
# % if refresh_tokens
# = REFRESH = "{{ refresh_path }}"
REFRESH = "/auth/refresh"
# = LOGOUT = "{{ logout_path }}"
LOGOUT = "/auth/logout"
# % endif
