"""The description of the interface is one that other programs can build on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from server_cases import finished, new_room, start_job
from test_server_one_call import drawing

from server import openapi
from server.app import ROUTES


@pytest.fixture(scope="module")
def document() -> dict:
    return json.loads(json.dumps(openapi.document(ROUTES, "1.0")))


def test_the_document_is_valid(document):
    validator = pytest.importorskip("openapi_spec_validator", reason="pip install -e .[test] brings it")
    validator.validate(document)


def test_a_typed_client_can_be_generated_and_imported(document, tmp_path: Path):
    pytest.importorskip("openapi_python_client", reason="pip install openapi-python-client makes clients")
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    words = [sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json", "--meta", "none",
             "--output-path", "s2p_client"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    program = ("from s2p_client import Client; from s2p_client.api.s2p import post_api_v_colorize as one, "
               "get_api_v_status as status; print(one.sync_detailed.__annotations__, status.sync)")
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_job_has_the_fields_that_are_described_and_no_others(document, app):
    described = set(document["components"]["schemas"]["Job"]["properties"])
    room = new_room(app, drawing())
    job = start_job(app, room)
    assert set(job) == described and set(finished(app, job["job"])) == described
