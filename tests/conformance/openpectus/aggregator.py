"""Open Pectus' own aggregator, with runs to look at and keys from loopback.

aggregator.py PORT KEYS FOLDER: KEYS stands for https://login.microsoftonline.com. All that decides is the
aggregator's own; `/auth/who` beside it says whom it took the caller for."""

import datetime
import sys
import typing

if not hasattr(typing, "override"):
    # The aggregator says that Python 3.11 is enough, and uses a name of 3.12.
    typing.override = lambda method: method

from openpectus.aggregator import main as program
from openpectus.aggregator.aggregator_server import AggregatorServer
from openpectus.aggregator.data import database
from openpectus.aggregator.data.models import RecentRun
from openpectus.aggregator.routers import auth
from sqlalchemy import String

RUNS = {"open": [], "operators": ["Operator", "Admin"], "daemons": ["Daemon"]}


@auth.router.get("/who")
def who(name: auth.UserNameValue):
    return {"name": name}


def run(run_id, required_roles):
    """A run that is over. What nobody asks here is a dash."""
    now = datetime.datetime.now(datetime.timezone.utc)
    known = {"run_id": run_id, "required_roles": required_roles, "started_date": now, "completed_date": now}
    columns = RecentRun.__table__.columns
    texts = {column.name: "-" for column in columns if isinstance(column.type, String) and not column.nullable}
    return RecentRun(**texts | known)


def with_runs(start):
    def seeded(server):
        with database.create_scope():
            session = database.scoped_session()
            for run_id, roles in RUNS.items():
                session.add(run(run_id, roles))
            session.commit()
        start(server)

    return seeded


def point_at(keys):
    for client in [auth.jwks_client_pkce, auth.jwks_client_secret]:
        client.uri = client.uri.replace("https://login.microsoftonline.com", keys)


if __name__ == "__main__":
    port, keys, folder = sys.argv[1:]
    point_at(keys)
    AggregatorServer.start = with_runs(AggregatorServer.start)
    sys.argv[1:] = ["-p", port, "-db", f"{folder}/runs.sqlite3", "-wpk", f"{folder}/webpush"]
    program.main()
