# The README's first command in an image: the same Python, packages and steps next year.
#   docker build -t mlp-experiments .
#   docker run --rm -v "$PWD/results:/sweep/results" mlp-experiments
FROM python:3.11.7-slim-bookworm
WORKDIR /sweep
COPY . .
RUN python3 -m venv .venv && .venv/bin/pip install -q -r requirements.txt -e .
CMD [".venv/bin/snakemake", "--cores", "2"]
