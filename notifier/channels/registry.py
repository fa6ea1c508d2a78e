"""Which channels there are, by the names that people write. A channel's code is loaded when it is asked for."""

import importlib
from collections.abc import Mapping
from functools import cache

from core.errors import ConfigurationError
from notifier.channels.channel import BlockingChannel, Channel

_CHANNELS: Mapping[str, tuple[str, str]] = {
    "webhook": ("webhook", "WebhookChannel"),
    "slack": ("slack", "SlackChannel"),
    "discord": ("discord", "DiscordChannel"),
    "telegram": ("telegram", "TelegramChannel"),
    "teams": ("teams", "TeamsChannel"),
    "feishu": ("feishu", "FeishuChannel"),
    "dingtalk": ("dingtalk", "DingTalkChannel"),
    "wecom": ("wecom", "WeComChannel"),
    "ntfy": ("ntfy", "NtfyChannel"),
    "email": ("email", "EmailChannel"),
    "apprise": ("apprise", "AppriseChannel"),
}
CHANNEL_NAMES = tuple(_CHANNELS)


@cache
def channel_named(name: str) -> Channel | BlockingChannel:
    """Return the channel of a name; raises ConfigurationError that names the ones there are."""
    if name not in _CHANNELS:
        raise ConfigurationError(f"there is no channel {name!r}. The channels are {', '.join(CHANNEL_NAMES)}.")
    module, kind = _CHANNELS[name]
    made: Channel | BlockingChannel = getattr(importlib.import_module(f"notifier.channels.{module}"), kind)()
    return made


def websub_channels() -> dict[str, Channel]:
    """Return the channels of endpoints that nobody configures: who subscribed to a hub, and hubs that are told."""
    from notifier.channels.websub import WebSubChannel
    from notifier.channels.websub_ping import WebSubPingChannel

    return {"websub": WebSubChannel(), "websub-ping": WebSubPingChannel()}
