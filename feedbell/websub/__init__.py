"""WebSub (https://www.w3.org/TR/websub/): a hub for our feeds, pings to public hubs, and what hubs send us."""
