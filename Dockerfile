# An image with OPA in it: a run needs no network but that of its source.
#
#   docker build --tag lakewarden .
#   docker run --rm --network none --user "$(id -u):$(id -g)" --volume "$PWD:/work" \
#     lakewarden evaluate --source terraform:plan.json --report report.html
#
# A release fills in the digests (.ci/fill-digests); without them the tags alone say what is built on.
ARG PYTHON_VERSION=3.13
ARG PYTHON_DIGEST=
# The version is the one in runner/lakewarden/engines/install/opa.lock; a test holds them equal.
ARG OPA_VERSION=1.22.2
ARG OPA_DIGEST=

FROM openpolicyagent/opa:${OPA_VERSION}-static${OPA_DIGEST:+@$OPA_DIGEST} AS opa

FROM python:${PYTHON_VERSION}-slim${PYTHON_DIGEST:+@$PYTHON_DIGEST} AS build
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv --without-pip /opt/lakewarden && \
    python -m pip --python /opt/lakewarden/bin/python install --no-cache-dir --require-hashes \
        --requirement requirements.lock
COPY LICENSE README.md pyproject.toml ./
COPY collector collector/
COPY config config/
COPY policies policies/
COPY runner runner/
RUN python -m pip --python /opt/lakewarden/bin/python install --no-cache-dir --no-deps \
        --no-build-isolation .

FROM python:${PYTHON_VERSION}-slim${PYTHON_DIGEST:+@$PYTHON_DIGEST}
LABEL org.opencontainers.image.title="Lakewarden" \
    org.opencontainers.image.licenses="Apache-2.0"
COPY --from=opa /opa /usr/local/bin/opa
COPY --from=build /opt/lakewarden /opt/lakewarden
# /tmp as the home, so that any user may run it, on a file system that is read-only apart from it.
ENV HOME=/tmp \
    LAKEWARDEN_OPA=/usr/local/bin/opa \
    PATH=/opt/lakewarden/bin:$PATH
WORKDIR /work
USER 10001:10001
ENTRYPOINT ["lakewarden"]
