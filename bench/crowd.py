"""Eight at once: processes with connections of their own, each doing its part of what is measured or tried."""

import multiprocessing
import time
from collections.abc import Callable

from django.db import connection

CONNECTIONS = 8
AHEAD = 0.3
"""Seconds until all of them are there."""


def at_once(work: Callable, number: int = CONNECTIONS, *, meanwhile: Callable[[], object] | None = None) -> list:
    """What ``work(place, start)`` returned in each of so many processes, by place; ``start`` is the moment to begin.

    :param meanwhile: done here again and again until they have ended.
    :raises RuntimeError: if one of them ended otherwise than by returning.
    """
    connection.close()  # a child must not inherit it
    context = multiprocessing.get_context("fork")
    answers, start = context.SimpleQueue(), time.monotonic() + AHEAD
    children = [
        context.Process(target=_child, args=(work, place, start, answers), daemon=True) for place in range(number)
    ]
    for each in children:
        each.start()
    got = {}
    while len(got) < number:
        if not answers.empty():
            place, answer = answers.get()
            got[place] = answer
        elif any(each.exitcode for each in children):
            raise RuntimeError("one of those at work fell")
        else:
            time.sleep(0.01)
            if meanwhile:
                meanwhile()
    for each in children:
        each.join()
    return [got[place] for place in range(number)]


def _child(work: Callable, place: int, start: float, answers) -> None:
    connection.ensure_connection()
    time.sleep(max(0, start - time.monotonic()))
    answers.put((place, work(place, start)))
    connection.close()


def rate(act: Callable[[], object], seconds: float, number: int = CONNECTIONS) -> float:
    """How often a second ``act`` is done by so many at once."""

    def work(_place: int, start: float) -> int:
        done = 0
        while time.monotonic() < start + seconds:
            act()
            done += 1
        return done

    return sum(at_once(work, number)) / seconds
