"""A model of workers behind Kafka: batches, partitions, processes. Pure: no clock, no I/O."""
