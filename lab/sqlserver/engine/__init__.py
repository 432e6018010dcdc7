"""The engine half of the stand-in: T-SQL in, its semantics kept by a PostgreSQL of its own."""

from __future__ import annotations

from lab.sqlserver.config import EngineConfig
from lab.sqlserver.model import Engine, Login, SqlError

from .backend.cluster import Cluster
from .backend.process import PostgresProcess
from .session import Session, open_session


class StandinEngine:
    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    async def open(self, login: Login) -> Session:
        known = self._cluster.check_password(login.user, login.password)
        wanted = login.database or "master"
        database = self._cluster.databases.get(wanted.lower())
        if database is None:
            raise SqlError(4060, f'Cannot open database "{wanted}" requested by the login. The login failed.', 11)
        return await open_session(self._cluster, login, known, database)

    async def close(self) -> None:
        await self._cluster.stop()


async def create_engine(config: EngineConfig) -> Engine:
    """Starts the PostgreSQL in the data directory; the databases of the config exist when this returns."""
    cluster = Cluster(PostgresProcess(config.data_dir, config.postgres_bin_dir))
    try:
        await cluster.start(config.sa_password, config.databases)
    except BaseException:
        await cluster.stop()
        raise
    return StandinEngine(cluster)
