"""Where an abandoned name can be taken by anybody: suffixes of hosting providers.

Source: EdOverflow/can-i-take-over-xyz, fingerprints.json (commit 003c6b9); only entries
that are vulnerable there and have a suffix of their own. Those of Microsoft Azure, which
that file lists without any, are those of its documentation on dangling DNS entries. We
never claim one: a match says "could be claimed", which nobody has tried.
"""

from __future__ import annotations

CLAIMABLE = {
    "AWS Elastic Beanstalk": ("elasticbeanstalk.com",),
    "AWS S3": ("s3.amazonaws.com",),
    "Microsoft Azure": (
        "azure-api.net",
        "azurecontainer.io",
        "azurecr.io",
        "azureedge.net",
        "azurefd.net",
        "azurehdinsight.net",
        "azurewebsites.net",
        "blob.core.windows.net",
        "cloudapp.azure.com",
        "cloudapp.net",
        "database.windows.net",
        "redis.cache.windows.net",
        "search.windows.net",
        "servicebus.windows.net",
        "trafficmanager.net",
    ),
    "Agile CRM": ("agilecrm.com",),
    "Anima": ("animaapp.io",),
    "Bitbucket": ("bitbucket.io",),
    "Gemfury": ("furyns.com",),
    "Ghost": ("ghost.io",),
    "HatenaBlog": ("hatenablog.com",),
    "Help Juice": ("helpjuice.com",),
    "Help Scout": ("helpscoutdocs.com",),
    "JetBrains YouTrack": ("youtrack.cloud",),
    "ngrok": ("ngrok.io",),
}


def who_gives(target: str) -> str:
    """Return the provider at which a name could be claimed anew; "" if none is known.

    >>> who_gives("plant-portal.azurewebsites.net"), who_gives("edge.plant.example")
    ('Microsoft Azure', '')
    """
    for provider, suffixes in CLAIMABLE.items():
        if any(target.endswith(f".{suffix}") for suffix in suffixes):
            return provider
    return ""
