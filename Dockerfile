ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
# The CPU build of torch. For a GPU: --build-arg TORCH_INDEX=https://pypi.org/simple
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY requirements.txt requirements.lock /
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --retries 1 --no-deps --index-url "$TORCH_INDEX" \
        "$(grep '^torch==' /requirements.txt)" \
 && /opt/venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r /requirements.lock \
 # what torch's CUDA build needs besides; nothing for the CPU build
 && /opt/venv/bin/pip install --no-cache-dir -r /requirements.txt \
 # what the packages bring for their own tests and for C++ programs, and pip
 && rm -rf /opt/venv/lib/python3*/site-packages/torch/include \
        /opt/venv/lib/python3*/site-packages/torch/test \
        /opt/venv/lib/python3*/site-packages/torch/bin/test_* \
        /opt/venv/lib/python3*/site-packages/pyarrow/include \
        /opt/venv/lib/python3*/site-packages/pip \
 && find /opt/venv -type d -name tests -prune -exec rm -rf {} +

FROM ${BASE}
RUN apt-get update \
 && apt-get install -y --no-install-recommends fonts-noto-cjk graphviz tini \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o 10001 -g 10001 /data
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY app.py ./
COPY .streamlit .streamlit
COPY assets assets
COPY pages pages
COPY cnnviz cnnviz
# Only /data and /tmp are written to; bytecode is made here, as the code is read-only
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    CNNVIZ_DATA=/data \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STREAMLIT_SERVER_PORT=8501 \
    STREAMLIT_CLIENT_SHOW_ERROR_DETAILS=none
RUN python -m compileall -q --invalidation-mode unchecked-hash cnnviz
USER 10001:10001
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=8s --start-period=60s CMD ["python", "-m", "cnnviz", "health", "web"]
ENTRYPOINT ["tini", "-s", "--"]
CMD ["streamlit", "run", "app.py"]
