"""Pipelines whose source tables, policy_<kind>, are changed, and what they told of it."""

from __future__ import annotations

from typing import Any

from conftest import Millrace


def created(millrace: Millrace, name: str, kinds: list[str], policy: str) -> None:
    """With the source's superuser, who may make event triggers: a dropped table is told by these alone."""
    lab = millrace.lab
    url = f"postgres://{lab['PG_SUPERUSER']}@{lab['PG_HOST']}:{lab['PG_PORT']}/{lab['PG_DATABASE']}"
    answer = millrace.call(
        "create", "--name", name, "--source", url, "--tables", ",".join(f"policy_{kind}" for kind in kinds),
        "--target", lab.target_url(name.lower()), "--schema-policy", policy, "-o", "json",
        environment={"MILLRACE_SOURCE_PASSWORD": lab["PG_SUPERUSER_PASSWORD"]},
    )  # fmt: skip
    assert answer.code == 0, answer.out + answer.err
    millrace.catch_up(name)
    assert millrace.call("status", name, "-o", "json").json["schema_policy"] == policy


def followed(millrace: Millrace, name: str, kinds: list[str], captured: bool) -> None:
    """A pipeline that has caught up: with event triggers, or by the plain user of the shop, without."""
    if captured:
        created(millrace, name, kinds, "apply")
        return
    millrace.create(name, ",".join(f"policy_{kind}" for kind in kinds), name.lower())
    millrace.catch_up(name)


def answers(millrace: Millrace, name: str, code: int, told: str) -> None:
    answer = millrace.call("run", name, "--until-caught-up", "-o", "json")
    assert answer.code == code, answer.out + answer.err
    assert told in answer.out + answer.err


def loaded_anew(target: Any, pipeline: str) -> list[str]:
    """Tables of a pipeline that were loaded anew for a change, in their order."""
    with target.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM millrace.events WHERE pipeline = %s AND kind = 'schema.applied'"
            " AND message LIKE '%%The table is loaded anew.' ORDER BY id",
            (pipeline,),
        )
        return [table for (table,) in cursor.fetchall()]
