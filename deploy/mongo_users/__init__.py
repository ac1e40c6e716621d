"""One MongoDB user for each worker, with readWrite on the worker's own database and nothing else.

MONGO_URL names an administrator; each password stands in INGEST_MONGO_PASSWORD and so on, or in a
file of that name in SECRETS_DIR. A user who is there gets the password and loses every other role,
so this may be run again. Users whose password is not given are left as they are.

A worker's own MONGO_URL is then mongodb://ingest:PASSWORD@HOST/ingest?replicaSet=rs0, with special
characters of the password percent-encoded, and &tls=true&tlsCAFile=FILE under TLS. The jobs
(retraining, insights) and the policy and report commands read feedback's database as its user.
"""

WORKERS = ("ingest", "classify", "personalize", "generate", "feedback")


def variable(worker: str) -> str:
    """Where the password of a worker's user stands."""
    return f"{worker.upper()}_MONGO_PASSWORD"
