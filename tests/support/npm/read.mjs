// Print what a reader from npm shows of a feed: read.mjs (rss-parser | feedsmith) FILE
import { readFileSync } from "node:fs";
import Parser from "rss-parser";
import { parseFeed } from "feedsmith";

const [reader, file] = process.argv.slice(2);
const text = readFileSync(file, "utf8");

function linkOf(item) {
  return item.url ?? item.link ?? item.links?.find((link) => (link.rel ?? "alternate") === "alternate")?.href;
}

async function items() {
  if (reader === "rss-parser") {
    const { items } = await new Parser().parseString(text);
    return items.map((item) => [item.guid ?? item.id, item.title, item.link, item.isoDate]);
  }
  const { feed } = parseFeed(text);
  return (feed.items ?? feed.entries ?? []).map((item) => [
    item.guid?.value ?? item.id,
    item.title?.value ?? item.title,
    linkOf(item),
    item.pubDate ?? item.date_published ?? item.published,
  ]);
}

console.log(JSON.stringify(await items()));
