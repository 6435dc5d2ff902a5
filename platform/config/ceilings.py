"""How fast this installation sends: connections and questions a second, and at once."""

import os

from config.env import env_str

# All sweeps together, one customer, and one host with an industrial port open
SWEEP_RATE = int(env_str("SWEEP_RATE", "5000", pattern=r"[1-9]\d{0,6}"))
SWEEP_CUSTOMER_RATE = int(
    env_str("SWEEP_CUSTOMER_RATE", "500", pattern=r"[1-9]\d{0,6}")
)
SWEEP_OT_HOST_RATE = int(env_str("SWEEP_OT_HOST_RATE", "2", pattern=r"[1-9]\d?"))
SWEEP_HALF_OPEN = int(env_str("SWEEP_HALF_OPEN", "5000", pattern=r"[1-9]\d{0,4}"))
SWEEP_CUSTOMER_HALF_OPEN = int(
    env_str("SWEEP_CUSTOMER_HALF_OPEN", "500", pattern=r"[1-9]\d{0,4}")
)
SWEEP_PROCESSES = int(
    env_str("SWEEP_PROCESSES", str(min(2, os.cpu_count() or 1)), pattern=r"[1-9]\d?")
)
# Questions to name servers, of one search
DNS_QUERIES_PER_SECOND = int(
    env_str("DNS_QUERIES_PER_SECOND", "500", pattern=r"[1-9]\d{0,4}")
)
