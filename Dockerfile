# One image for web, worker, scheduler and mailbox.
FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONPATH=/srv:/srv/platform SIGHTLINE_FILES_DIR=/var/lib/sightline/files
# The image is compiled for any processor of its kind: it may run on another one than it was built on.
ENV NUMBA_CACHE_DIR=/srv/kernels NUMBA_CPU_NAME=generic
WORKDIR /srv
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
# Static files and the compiled path engine are part of the image; these values only let the settings load.
RUN SIGHTLINE_SECRET_KEY=build SIGHTLINE_MASTER_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    SIGHTLINE_DATABASE_URL=postgresql://ws_app@db/x SIGHTLINE_OWNER_DATABASE_URL=postgresql://ws_owner@db/x \
    SIGHTLINE_DISPATCH_DATABASE_URL=postgresql://ws_dispatch@db/x SIGHTLINE_REDIS_URL=redis://redis/0 \
    SIGHTLINE_SITE_URL=http://localhost SIGHTLINE_EMAIL_URL=smtp://localhost \
    sh -c 'python manage.py collectstatic --noinput && python manage.py warm_kernels' && \
    useradd --system sightline && chown -R sightline platform/staticfiles kernels && \
    install -d -m 700 -o sightline /var/lib/sightline /var/lib/sightline/files
USER sightline
