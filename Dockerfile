FROM python:3.13-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
RUN python -m compileall -q . && python -m config.serve --collect

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home desk && install -d -o desk -m 700 /var/lib/desk/exchange /var/lib/desk/attachments
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 BIND=0.0.0.0 PORT=8080 \
    CSV_STORAGE=/var/lib/desk/exchange ATTACHMENT_STORAGE=/var/lib/desk/attachments
USER 10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --start-interval=1s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
# It becomes the server, which takes docker stop's signal and lets requests finish.
CMD ["python", "-m", "config.serve"]
