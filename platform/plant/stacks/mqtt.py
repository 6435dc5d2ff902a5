"""MQTT: amqtt as a broker that lets everybody in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from amqtt.broker import Broker

from plant.stacks import Place

VALUES = {
    "thornby/line1/filler/bottles_per_hour": b"11840",
    "thornby/line2/pasteuriser/outlet_c": b"72.6",
}


@asynccontextmanager
async def serve(place: Place) -> AsyncIterator[None]:
    """Serve the broker with a few retained values and its $SYS topics."""
    config = {
        "listeners": {
            "default": {"type": "tcp", "bind": f"{place.address}:{place.port}"}
        },
        "plugins": {
            "amqtt.plugins.authentication.AnonymousAuthPlugin": {
                "allow_anonymous": True
            },
            "amqtt.plugins.sys.broker.BrokerSysPlugin": {"sys_interval": 20},
        },
    }
    broker = Broker(config)
    await broker.start()
    for topic, value in VALUES.items():
        await broker.retain_message(None, topic, value)
    try:
        yield
    finally:
        await broker.shutdown()
