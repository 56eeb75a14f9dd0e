# The mock in a container. State lives in the volume /state; the port is open to the container's network, so whoever can
# reach it can use it: publish it on loopback (-p 127.0.0.1:3000:3000) and give --control-token to use the control API.
#
#   docker build -t twosignal-mock .
#   docker run --rm -p 127.0.0.1:3000:3000 -v twosignal:/state twosignal-mock
#
# Written on a machine without a Docker engine: tests/mock/test_dockerfile.py runs what these lines run, but no image
# was built there.
FROM python:3.11-slim AS build
WORKDIR /source
COPY requirements.lock ./
RUN pip install --no-cache-dir --prefix /install --require-hashes --requirement requirements.lock
COPY pyproject.toml hatch_build.py README.md LICENSE CHANGELOG.md openapi.yaml ./
COPY contracts contracts
COPY contract contract
COPY mock mock
COPY conformance conformance
RUN pip install --no-cache-dir --prefix /install --no-deps .

FROM python:3.11-slim
COPY --from=build /install /usr/local
RUN useradd --create-home --uid 10001 mock && mkdir /state && chown mock /state
USER mock
VOLUME /state
EXPOSE 3000
ENV TWOSIGNAL_MOCK_HOST=0.0.0.0 \
    TWOSIGNAL_MOCK_STATE=/state/mock.db
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["twosignal-mock", "wait", "--timeout", "2"]
ENTRYPOINT ["twosignal-mock"]
CMD ["serve"]
