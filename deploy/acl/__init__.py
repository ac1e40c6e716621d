"""Access as code: who may read and write which topic, from the topic cards (shared/topics.py).

One Kafka user for each worker, one for each upstream (--upstream NAME), and one for the operators'
commands. show lists their rights; plan says what the broker lacks and changes nothing; apply says
the same and mends it; users gives them their passwords. Rights are added; taken away they are with
--prune alone, and only from these users: whoever else the broker knows is left as they are.

plan, apply and users need a user who may alter the cluster, by the same variables as every client
(KAFKA_SECURITY_PROTOCOL, KAFKA_USERNAME, KAFKA_PASSWORD, KAFKA_CA_FILE).

Exit codes. plan: 0, the broker is as the cards say; 2, something differs; 1, it failed.
"""
