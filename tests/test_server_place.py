"""Behind a proxy, in a folder of another site, and where a server keeps its things."""

from __future__ import annotations

from pathlib import Path

import pytest
from bottle import request
from server_cases import drawing, new_room, running
from webtest import TestApp

from s2p.errors import ConfigError, OutputError
from server import visitors
from server.configuration import Configuration
from server.folders import data_folder, make_data_folder
from server.place import Place

SERVER = {"ini": "[server]\npublic_url = https://art.example/paint\ntrusted_proxies = 10.0.0.0/8, ::1\n"}
PROXY = {"REMOTE_ADDR": "10.0.0.1"}


def test_the_page_and_its_calls_work_in_a_folder(app):
    for folder in ("", "/paint"):
        assert b"<html" in app.get(f"{folder}/").body
        assert app.get(f"{folder}/js/api.js").status_int == 200
        assert app.get(f"{folder}/api/v1/status").json["version"]
        assert app.get(f"{folder}/s2p/api/v1/status").json["version"]  # where V3's client has the root
        assert app.get(f"{folder}/s2p", status=303).headers["Location"] == "s2p/"
    app.get("/painted/api/v1/status", status=404)
    # Below a folder without its slash the page would look for its parts at the root of the site.
    assert app.get("/paint", status=303).headers["Location"] == "https://art.example/paint/"
    assert b"<html" in app.get("").body


def test_nothing_of_the_client_is_asked_for_at_the_root_of_the_site(root):
    for path in (root / "server" / "client").rglob("*"):
        if path.suffix in (".html", ".css", ".js"):
            text = path.read_text()
            for mark in ('href="/', 'src="/', "url(/", "url('/", 'import "/', "location.origin"):
                assert mark not in text, (path.name, mark)


@pytest.mark.parametrize("headers", [
    {"Host": "art.example", "Origin": "https://art.example"}, {"Host": "localhost:8232", "Origin": "https://art.example"},
    {"Host": "art.example:443", "Origin": "https://art.example"},
])
def test_its_public_address_is_its_own(app, headers):
    app.post("/get_sample_list", {}, headers=headers)
    app.post("/get_sample_list", {}, headers={**headers, "Origin": "http://art.example.evil"}, status=403)


def test_a_trusted_proxy_is_believed_and_nobody_else(app):
    addresses = "1.1.1.1, 7.7.7.7, 10.0.0.9"
    told = {"Host": "inner:99", "X-Forwarded-Host": "evil.example, localhost", "X-Forwarded-For": addresses}
    app.get("/api/v1/status", headers=told, extra_environ=PROXY)
    app.get("/api/v1/status", headers=told, extra_environ={"REMOTE_ADDR": "11.0.0.1"}, status=403)
    program = TestApp(app.app, extra_environ=PROXY, lint=False)  # without a cookie
    room = new_room(program, drawing())
    program.delete(f"/api/v1/rooms/{room}", headers={"X-Forwarded-For": "7.7.7.7"}, status=403)
    program.delete(f"/api/v1/rooms/{room}")


def test_the_last_address_that_no_trusted_proxy_added_is_the_clients():
    place = Place(trusted_proxies=("10.0.0.0/8",))
    for told, address in (("1.1.1.1, 7.7.7.7, 10.0.0.9", "7.7.7.7"), ("", "10.0.0.1"), ("nonsense", "10.0.0.1"),
                          ("10.0.0.3", "10.0.0.1"), ("7.7.7.7, nonsense", "10.0.0.1")):
        environ = {**PROXY, "HTTP_X_FORWARDED_FOR": told, "PATH_INFO": "/"}
        place.locate(environ)
        assert environ["REMOTE_ADDR"] == address, told


@pytest.mark.parametrize(("told", "is_local"), [
    ("unknown", False), ("7.7.7.7:5678", False), ("7.7.7.7", False), ("7.7.7.7, 127.0.0.1", False), ("127.0.0.1", True),
])
def test_nobody_sits_at_this_computer_because_a_proxy_there_writes_no_address(told, is_local):
    environ = {"REMOTE_ADDR": "127.0.0.1", "PATH_INFO": "/", "HTTP_X_FORWARDED_FOR": told}
    Place(trusted_proxies=("127.0.0.1",)).locate(environ)
    request.bind(environ)
    assert visitors.is_local() is is_local


def test_of_thousands_of_proxies_the_last_are_looked_at(monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr(Place, "trusts", lambda _, address: not asked.append(address))
    Place().locate({**PROXY, "HTTP_X_FORWARDED_FOR": "10.0.0.2," * 3000, "PATH_INFO": "/"})
    assert len(asked) < 30


def test_a_refusal_names_its_cause_and_the_setting(app):
    said = app.get("/", headers={"Host": "other.example"}, status=403).text
    assert "'other.example'" in said and "allowed_hosts" in said
    said = app.post("/get_sample_list", {}, headers={"Origin": "https://other.example"}, status=403).text
    assert "'https://other.example'" in said and "public_url" in said


def test_option_and_variable_win_over_the_file(tmp_path, monkeypatch):
    ini = tmp_path / "config.ini"
    ini.write_text("[server]\npublic_url = http://file.example\nallowed_hosts = file.example\n")
    monkeypatch.setenv("S2P_PUBLIC_URL", "http://variable.example/x")
    monkeypatch.setenv("S2P_ALLOWED_HOSTS", "variable.example")
    limits = Configuration(ini, addresses={"allowed_hosts": "Option.example", "public_url": None}).limits
    assert limits.public_url == "http://variable.example/x/"
    assert limits.allowed_hosts == ("option.example",)
    for bad in ({"public_url": "art.example"}, {"public_url": "http://["}, {"trusted_proxies": "proxy.example"}):
        with pytest.raises(ConfigError, match="must"):
            Configuration(ini, addresses=bad)


def test_a_wrong_address_in_the_file_keeps_the_last_good_one(tmp_path):
    with running(tmp_path, ini="[server]\npublic_url = ftp://x\n") as (_, app):
        assert "public_url must look like" in app.get("/api/v1/status").json["problem"]


def test_where_a_server_keeps_its_things(tmp_path, monkeypatch):
    installed = Path("lib", "python3", "site-packages", "server")
    assert data_folder(code=tmp_path / "server") == tmp_path / "server"
    assert data_folder(code=installed).parts[-2:] == ("s2p", "server")
    monkeypatch.setenv("S2P_DATA", str(tmp_path / "variable"))
    assert data_folder(code=installed) == tmp_path / "variable"
    assert data_folder(tmp_path / "option", code=installed) == tmp_path / "option"
    made = make_data_folder(tmp_path / "new" / "one")
    assert "sketch_zoom_factor" in (made / "config.ini").read_text()
    (made / "config.ini").write_text("mine")
    assert (make_data_folder(made) / "config.ini").read_text() == "mine"
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="--data"):
        make_data_folder(tmp_path / "file" / "x")
