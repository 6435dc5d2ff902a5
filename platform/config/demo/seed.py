"""Seeds the demo customers once."""


def seed_demo(*, demo_file: str, inventory: str, webhook_url: str) -> None:
    """Placeholder until the seed is written."""
