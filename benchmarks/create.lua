-- The request of the route "create" for wrk; the token comes from the command line.
wrk.method = "POST"
wrk.body = '{"title": "Write", "notes": "To the landlord", "priority": 3}'
wrk.headers["Content-Type"] = "application/json"
