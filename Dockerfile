# syntax=docker/dockerfile:1
# First stage: the locked dependencies, without those of tests and lint.
FROM python:3.13-slim-trixie AS build
RUN pip install --no-cache-dir --disable-pip-version-check "uv>=0.9,<1"
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --no-default-groups

# Second stage: what runs. No compiler, no uv, no root.
FROM python:3.13-slim-trixie
RUN useradd --create-home --uid 10001 govorun \
    && install --directory --owner=govorun --group=govorun /app /app/var
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY bot bot
COPY handlers handlers
COPY prompts prompts
RUN .venv/bin/python -m compileall -q bot handlers
USER govorun
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 HTTP__HOST=0.0.0.0 HTTP__PORT=8080
EXPOSE 8080
VOLUME ["/app/var"]
# Python gets the signal itself: running replies finish before the container stops.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ['HTTP__PORT']}/healthz\", timeout=4)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
