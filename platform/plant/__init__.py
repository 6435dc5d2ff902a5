"""The demo plant: the hosts of Thornby, served by protocol stacks from PyPI."""
