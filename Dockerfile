ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
# The CPU build of torch. For a GPU: --build-arg TORCH_INDEX=https://pypi.org/simple
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY requirements.txt /
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --retries 1 --no-deps --index-url "$TORCH_INDEX" \
        "$(grep '^torch==' /requirements.txt)" \
 && /opt/venv/bin/pip install --no-cache-dir -r /requirements.txt \
 # what torch brings for its own tests and for C++ programs
 && rm -rf /opt/venv/lib/python3*/site-packages/torch/include \
        /opt/venv/lib/python3*/site-packages/torch/test \
        /opt/venv/lib/python3*/site-packages/torch/bin/test_*

FROM ${BASE}
RUN apt-get update \
 && apt-get install -y --no-install-recommends fonts-noto-cjk graphviz tini \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY app.py ./
COPY .streamlit .streamlit
COPY assets assets
COPY pages pages
COPY cnnviz cnnviz
# HOME is the only place written to; bytecode is made here, as the code is read-only
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STREAMLIT_SERVER_PORT=8501 \
    STREAMLIT_CLIENT_SHOW_ERROR_DETAILS=none
RUN python -m compileall -q --invalidation-mode unchecked-hash cnnviz
USER 10001:10001
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "-c", "\
import http.client, os, sys; \
c = http.client.HTTPConnection('127.0.0.1', int(os.environ['STREAMLIT_SERVER_PORT']), timeout=4); \
c.request('GET', '/_stcore/health'); \
sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["tini", "-s", "--"]
CMD ["streamlit", "run", "app.py"]
