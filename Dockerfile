# docker build -t coopfacts .
# docker run --rm --network none --user "$(id -u):$(id -g)" -v "$PWD:/data" coopfacts run releases --out out
FROM python:3.12-slim-bookworm AS build
RUN python -m venv /opt/coopfacts
WORKDIR /src
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY pipeline pipeline
COPY models/coop_en models/coop_en
RUN /opt/coopfacts/bin/pip install --no-cache-dir --constraint requirements.lock ".[warc,pdf,docx]"

FROM python:3.12-slim-bookworm
COPY --from=build /opt/coopfacts /opt/coopfacts
ENV PATH=/opt/coopfacts/bin:$PATH
USER nobody
WORKDIR /data
ENTRYPOINT ["coopfacts"]
CMD ["--help"]
