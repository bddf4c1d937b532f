# One image for web, worker and clock; docker-compose.yml says which command each runs.
FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/penjaga
ENV PATH=/opt/penjaga/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt requirements-torch.txt pyproject.toml README.md LICENSE ./
# Everything by hash; torch alone by its version, see the Makefile.
RUN pip install --require-hashes --no-deps -r requirements.txt
# Without a graphics card, give the address of PyTorch's CPU wheels: the default build brings gigabytes for one.
ARG TORCH_INDEX=""
RUN pip install ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} -r requirements-torch.txt
COPY models models
COPY triage triage
COPY workers workers
RUN pip install --no-build-isolation --no-deps . \
    && (cd /opt/penjaga/lib/python3.11/site-packages/triage/translations && pybabel --quiet compile -d .)

FROM python:3.11-slim
RUN useradd --system --create-home --home-dir /home/penjaga --uid 10001 penjaga \
    && install -d -o penjaga -g penjaga -m 0700 /var/lib/penjaga
COPY --from=build /opt/penjaga /opt/penjaga
ENV PATH=/opt/penjaga/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PENJAGA_DATA=/var/lib/penjaga \
    HF_HOME=/var/lib/penjaga/huggingface
USER penjaga
WORKDIR /home/penjaga
VOLUME /var/lib/penjaga
EXPOSE 8000
CMD ["penjaga", "up", "--host", "0.0.0.0"]
