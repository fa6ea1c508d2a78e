// A WebSub subscriber from npm: subscribe.mjs TOPIC HUB SECRET; lines of JSON say what happens, a line on stdin ends it.
import { createHmac } from "node:crypto";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import PubSubHubbub from "pubsubhubbub";

const [topic, hub, secret] = process.argv.slice(2);

function say(event, more) {
  console.log(JSON.stringify({ event, ...more }));
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const port = await freePort();
const callbackUrl = `http://127.0.0.1:${port}/`;
// Version 1.0.2 sends the hub a secret that it derives from its own, and compares signatures with its own: so the one
// that asks and the one that listens are two.
const derived = secret ? createHmac("sha1", secret).update(topic).digest("hex") : undefined;
const asking = PubSubHubbub.createServer({ callbackUrl, secret: secret || undefined, leaseSeconds: 3600 });
const listening = PubSubHubbub.createServer({ callbackUrl, secret: derived });

listening.on("subscribe", ({ topic: of }) => say("subscribe", { topic: of }));
listening.on("unsubscribe", ({ topic: of }) => say("unsubscribe", { topic: of }));
listening.on("feed", ({ topic: of, hub: from, feed, headers }) =>
  say("feed", { topic: of, hub: from, body: feed.toString("base64"), type: headers["content-type"] }),
);
listening.on("listen", () => asking.subscribe(topic, hub, (error) => say("asked", { error: error?.message ?? null })));
listening.listen(port, "127.0.0.1");

createInterface({ input: process.stdin }).on("line", () =>
  asking.unsubscribe(topic, hub, (error) => say("asked", { error: error?.message ?? null })),
);
