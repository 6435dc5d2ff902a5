"""Asks the DNS: a fast resolver, and the few direct questions to a zone's own servers."""
