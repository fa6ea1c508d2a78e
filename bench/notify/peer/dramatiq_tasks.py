"""The peer on dramatiq: one message a delivery, acknowledged after it was done. Run as a program, it puts them in."""

import os

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from webhooks import deliveries, send

dramatiq.set_broker(RabbitmqBroker(url=os.environ["BENCH_BROKER"]))


@dramatiq.actor(max_retries=0, queue_name="deliveries")
def deliver(url: str, message_id: str, payload: str) -> None:
    """Deliver once."""
    send(url, message_id, payload)


if __name__ == "__main__":
    for delivery in deliveries():
        deliver.send(*delivery)
