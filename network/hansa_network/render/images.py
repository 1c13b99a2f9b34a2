"""The images that rendered files name."""

PEER_TAG = ORDERER_TAG = "3.1"
CA_TAG = "1.5"
PEER_REPOSITORY = "hyperledger/fabric-peer"
ORDERER_REPOSITORY = "hyperledger/fabric-orderer"
CA_REPOSITORY = "hyperledger/fabric-ca"
PEER = f"{PEER_REPOSITORY}:{PEER_TAG}"
ORDERER = f"{ORDERER_REPOSITORY}:{ORDERER_TAG}"
CA = f"{CA_REPOSITORY}:{CA_TAG}"
PYTHON = "python:3.12-slim"

DOCKERFILE = f"""\
# The chaincode as a service. Put Hansa's wheel beside this file first: python -m build --wheel
FROM {PYTHON}
COPY hansa-*.whl /tmp/
RUN pip install --no-cache-dir /tmp/hansa-*.whl && rm /tmp/hansa-*.whl
RUN useradd --system --uid 10001 chaincode
USER 10001
CMD ["python", "-m", "hansa_contract"]
"""


def chaincode_image(name: str, version: str) -> str:
    """What the image built from DOCKERFILE is called."""
    return f"{name}-chaincode:{version}"
