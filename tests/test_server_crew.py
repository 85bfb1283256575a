"""Several workers before one queue: they paint at once, a room's jobs one after another, and one may die."""

from __future__ import annotations

import time

import pytest
from server_cases import drawing, finished, new_room, start_job, wait_for
from server_fakes import ENDLESS

from s2p.errors import ConfigError
from server.configuration import load_limits
from server.crew import Crew, fitting
from server.jobs import Job, Sentences
from server.lane import Lane
from server.queues import FairQueue

SERVER = {"ini": "[server]\nworkers = 2\n", "painter": "tests.server_fakes:filling"}


def members(server):
    crew = server[0].painting
    wait_for(lambda: all(member.state == "ready" for member in crew.members))
    return crew.members


def test_two_rooms_are_painted_at_once(server, app):
    both = members(server)
    jobs = [start_job(app, new_room(app, drawing(value)), hints=[_slow()]) for value in (60, 120)]
    wait_for(lambda: all(member.current is not None for member in both))
    assert {member.current.id for member in both} == {job["job"] for job in jobs}
    assert app.get("/api/v1/status").json["worker"] == "busy"
    for job in jobs:
        app.delete(f"/api/v1/jobs/{job['job']}")
    assert [finished(app, job["job"])["state"] for job in jobs] == ["cancelled", "cancelled"]


def test_a_room_has_one_job_at_a_time_in_the_same_worker(server, app):
    both = members(server)
    room = new_room(app, drawing())
    first, second = start_job(app, room, hints=[_slow()]), start_job(app, room)
    wait_for(lambda: any(member.current is not None for member in both))
    busy = next(member for member in both if member.current is not None)
    time.sleep(0.2)
    assert [member.current is not None for member in both].count(True) == 1, "the other one could have taken it"
    assert server[0].jobs.get(second["job"]).state == "queued"
    app.delete(f"/api/v1/jobs/{first['job']}")
    assert finished(app, second["job"])["state"] == "done"
    assert server[0].painting._homes[room] is busy


def test_choices_give_way_to_a_painting_of_their_room_though_another_worker_is_free(server, app):
    both = members(server)
    room = new_room(app, drawing())
    thinking = start_job(app, room, kind="choices", hints=[_slow()])["job"]
    wait_for(lambda: any(member.current is not None for member in both))
    assert finished(app, start_job(app, room)["job"])["state"] == "done"
    app.delete(f"/api/v1/jobs/{thinking}")
    assert finished(app, thinking)["state"] == "cancelled"


def test_the_queue_outlives_a_worker(server, app):
    both = members(server)
    killed = both[0].pid
    both[0]._process.kill()
    jobs = [start_job(app, new_room(app, drawing(value)))["job"] for value in (60, 90, 120)]
    assert [finished(app, job)["state"] for job in jobs].count("done") >= 2, "one may have been given to it"
    wait_for(lambda: both[0].pid not in (None, killed))


def _slow() -> dict:
    return {"x": 0.5, "y": 0.5, "color": ENDLESS, "kind": "draft"}


# What is decided without processes ------------------------------------------------------------------------------------


def test_a_crew_is_asked_whatever_a_lane_is():
    among_themselves = {"make_way", "is_hopeless", "place"}
    asked = {name for name in vars(Lane) if not name.startswith("_")} - among_themselves
    assert asked <= set(vars(Crew)), "the server does not know whether one works or several"


def test_a_crew_that_has_stopped_ends_its_jobs_and_keeps_one_queue(tmp_path):
    crew = Crew(2, "painting", list, job_seconds=lambda: 5.0, start_seconds=lambda: 5.0, folder=tmp_path,
                sentences=Sentences("Painter", "The painter", "Lost.", "Slow.", "Late."))  # fmt: skip
    job = Job("a", "paint", "one", dict)
    crew.submit(job)
    crew.stop()
    assert job.state == "failed" and job.error.code == "ServerStopped"
    assert all(member.queue is crew.queue and not len(crew.queue) for member in crew.members)


def test_of_all_jobs_the_first_that_is_wanted_goes_and_turns_are_kept():
    queue = FairQueue()
    for room, session in (("a", "one"), ("a", "two"), ("b", "one"), ("c", "two")):
        queue.put(Job(room, "paint", session, dict))
    taken = [queue.pop(lambda job: job.room != "a").room for _ in range(2)]
    assert taken == ["b", "c"] and queue.pop(lambda job: job.room == "x") is None
    assert [job.session for job in queue] == ["one", "two"] and len(queue) == 2
    assert [queue.pop().room for _ in range(2)] == ["a", "a"] and queue.pop() is None


def test_workers_follow_cores_and_memory():
    assert [fitting(*one) for one in ((2, 10**12), (16, 10**12), (64, 10**12), (16, 2 * 10**9), (16, 0))] == [
        1, 4, 8, 1, 1]
    assert fitting() >= 1


def test_their_number_is_said_in_the_configuration(tmp_path):
    ini = tmp_path / "config.ini"
    for text, number in (("auto", 0), ("3", 3)):
        ini.write_text(f"[server]\nworkers = {text}\n")
        assert load_limits(ini).workers == number
    ini.write_text("[server]\nworkers = many\n")
    with pytest.raises(ConfigError, match=r"workers, if not auto, must be .* between 1 and 8.*config\.ini, line 2"):
        load_limits(ini)
