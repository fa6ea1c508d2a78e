"""A WebSub subscriber made of Flask-WebSub: FEED FOLDER; lines of JSON say what happens, a line on stdin ends it."""

import base64
import json
import logging
import sys
import threading
from pathlib import Path
from typing import Any

from flask import Flask
from flask_websub.subscriber import SQLite3SubscriberStorage, SQLite3TempSubscriberStorage, Subscriber, discover
from werkzeug.serving import make_server


def say(event: str, **more: Any) -> None:
    sys.stdout.write(json.dumps({"event": event, **more}) + "\n")
    sys.stdout.flush()


def main(feed: str, folder: Path) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = Flask(__name__)
    subscriber = Subscriber(
        SQLite3SubscriberStorage(str(folder / "lasting.db")), SQLite3TempSubscriberStorage(str(folder / "waiting.db"))
    )
    app.register_blueprint(subscriber.build_blueprint(url_prefix="/callbacks"))
    subscriber.add_listener(
        lambda topic, callback, body: say("feed", topic=topic, body=base64.b64encode(body).decode())
    )
    subscriber.add_success_handler(lambda topic, callback, mode: say(mode, topic=topic))
    subscriber.add_error_handler(lambda topic, callback, reason: say("denied", topic=topic, reason=reason))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    app.config["SERVER_NAME"] = f"127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with app.app_context():
        found = discover(feed)
        say("discovered", **found)
        callback = subscriber.subscribe(**found, lease_seconds=3600)
        sys.stdin.readline()
        subscriber.renew(callback)
        sys.stdin.readline()
        subscriber.unsubscribe(callback)
        sys.stdin.readline()


main(sys.argv[1], Path(sys.argv[2]))
