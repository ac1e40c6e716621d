"""Access to Kafka in FastStream's words."""

from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from shared import kafka
from shared.errors import FatalError
from shared.settings import KafkaSettings

SASL = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}


def of(settings: KafkaSettings) -> BaseSecurity | None:
    """How FastStream's consumers come to Kafka.

    None where the settings do not fit together: the publisher, which connects first, says why.
    """
    try:
        given = kafka.options(settings)
    except FatalError:
        return None
    context = given.get("ssl_context")
    if "sasl_mechanism" not in given:
        return BaseSecurity(ssl_context=context, use_ssl=context is not None)
    return SASL[given["sasl_mechanism"]](
        username=given["sasl_plain_username"],
        password=given["sasl_plain_password"],
        ssl_context=context,
        use_ssl=context is not None,
    )
