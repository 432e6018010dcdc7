"""The 200 clients that the tests and the benchmark let loose on `millrace serve`: what they ask for, and how often."""

from __future__ import annotations

from bench.http_load import Ask

CLIENTS, FOLLOWERS = 180, 20
# Seconds between two requests of one client.
PAUSE = 0.5
ASKS = [
    Ask("pipelines", "GET", "/api/v1/pipelines", share=4),
    Ask("events", "GET", "/api/v1/events?pageSize=20", share=2),
    Ask("me", "GET", "/api/v1/auth/me", share=2),
    Ask("metrics", "GET", "/metrics"),
    Ask("ready", "GET", "/readyz"),
    Ask("a rule is set", "PUT", "/api/v1/alerts/rules/lag", {"lagS": 60, "forS": 300}),
]
