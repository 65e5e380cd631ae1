"""SPARQL 1.1 Protocol and Service Description: the W3C's tests, all that apply."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import machine
from tests.serving import conformance
from tests.serving.served import serving, small

_FOLDER = (machine.SHARED or Path()) / "conformance"
_NONE = conformance.Case("none", [])
_TESTS = list(conformance.tests(_FOLDER)) if machine.SHARED else []


@pytest.fixture(scope="module")
def endpoint(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("protocol")
    made = small(folder, conformance.data(shared / "conformance"))
    with serving(folder, str(made), module="tests.serving.served") as server:
        yield f"{server.address}/sparql"


@pytest.mark.parametrize("test", _TESTS or [_NONE], ids=lambda test: test.name)
def test_protocol(endpoint: str, test: conformance.Case) -> None:
    if test.left_out:
        pytest.skip(test.left_out)
    assert not conformance.wrong(endpoint, test)


@pytest.mark.parametrize("name", conformance.SERVICE)
def test_service_description(endpoint: str, name: str) -> None:
    assert not conformance.wrong_service(endpoint, name)
