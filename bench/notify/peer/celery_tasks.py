"""The peer on Celery: one task a delivery, acknowledged after it was done. Run as a program, it puts the tasks in."""

import os

from celery import Celery
from webhooks import deliveries, send

app = Celery("celery_tasks", broker=os.environ["BENCH_BROKER"])
app.conf.update(task_acks_late=True, task_ignore_result=True, broker_connection_retry_on_startup=True)


@app.task(name="deliver")
def deliver(url: str, message_id: str, payload: str) -> None:
    """Deliver once."""
    send(url, message_id, payload)


if __name__ == "__main__":
    with app.producer_pool.acquire(block=True) as producer:
        for delivery in deliveries():
            deliver.apply_async(delivery, producer=producer)
