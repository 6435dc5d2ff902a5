# One image for web, worker, scheduler and mailbox.
FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONPATH=/srv:/srv/platform
WORKDIR /srv
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN useradd --system sightline && install -d -o sightline platform/staticfiles
USER sightline
