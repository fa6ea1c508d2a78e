"""The hub of flask-websub as a process of its own: prints its port, and runs until its input ends.

`/hub` is the hub; `/callbacks?topic=` names its subscribers, `/publish?topic=` lets it fetch a topic and send it,
`/refuse` lets it deny whoever comes from then on.
"""

import sys
import threading
from collections.abc import Callable
from typing import Any

from flask import Flask, jsonify, request
from flask_websub.hub import Hub, SQLite3HubStorage
from werkzeug.serving import make_server


class _Retries:
    """What a task is given that may try again: this one does not."""

    class request:
        retries = 0

    def retry(self, countdown: float) -> None:
        print("not delivered", file=sys.stderr)


class _Tasks:
    """The little of Celery that the hub needs: each task runs in a thread of its own."""

    def task(self, bind: bool = False, **options: Any) -> Callable[[Callable[..., object]], Any]:
        def made(work: Callable[..., object]) -> Any:
            class Task:
                @staticmethod
                def delay(*arguments: object) -> None:
                    given = (_Retries(), *arguments) if bind else arguments
                    threading.Thread(target=work, args=given, daemon=True).start()

            return Task

        return made


def main(database: str, algorithm: str) -> None:
    app = Flask(__name__)
    storage = SQLite3HubStorage(database)
    hub = Hub(storage, _Tasks(), SIGNATURE_ALGORITHM=algorithm)
    app.register_blueprint(hub.build_blueprint(url_prefix="/hub"))

    @app.get("/callbacks")
    def callbacks() -> Any:
        return jsonify([callback for callback, _ in storage.get_callbacks(request.args["topic"])])

    @app.get("/publish")
    def publish() -> str:
        hub.send_change_notification.delay(request.args["topic"])
        return "told"

    @app.get("/refuse")
    def refuse() -> str:
        hub.register_validator(lambda *_: "not here")
        return "refusing"

    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(server.port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


main(*sys.argv[1:])
