"""The WSGI entry point: `PYTHONPATH=.:platform gunicorn config.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from config.kernels import load_in_background  # noqa: E402 - needs Django
from tenants.services.master_key import check_at_start  # noqa: E402 - as above

check_at_start()
load_in_background()
