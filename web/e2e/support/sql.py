"""One statement on the lab's source or target; rows come back as JSON. usage: sql.py source|target < statement"""

import json
import os
import sys

import psycopg
import pytds


def fact(name: str) -> str:
    return os.environ[f"MILLRACE_LAB_{name}"]


def rows(side: str, statement: str) -> list[list[object]]:
    if side == "source":
        connection = psycopg.connect(
            host=fact("PG_HOST"), port=fact("PG_PORT"), dbname=fact("PG_DATABASE"), user=fact("PG_SUPERUSER"),
            password=fact("PG_SUPERUSER_PASSWORD"), autocommit=True,
        )  # fmt: skip
    else:
        connection = pytds.connect(
            fact("SQLSERVER_HOST"), fact("SQLSERVER_DATABASE"), fact("SQLSERVER_ADMIN_USER"),
            fact("SQLSERVER_ADMIN_PASSWORD"), port=int(fact("SQLSERVER_PORT")), autocommit=True,
        )  # fmt: skip
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return [list(row) for row in cursor.fetchall()] if cursor.description else []


print(json.dumps(rows(sys.argv[1], sys.stdin.read()), default=str))
