"""Pieces of a step in several processes: the same as one after another."""

import os
import signal
import sys

import pytest

from experiments.base import UserError, each


@pytest.mark.parametrize("processes", [1, 2, 3, 9])
def test_pieces_come_back_in_their_order(processes):
    assert each(lambda n: n * n, range(7), processes) == [n * n for n in range(7)]
    assert each(str, [], processes) == []


def test_a_piece_may_be_anything_that_the_process_holds():
    pieces = [lambda: 1, lambda: 2]  # neither can be pickled
    assert each(lambda piece: piece(), pieces, 2) == [1, 2]


@pytest.mark.parametrize("processes", [1, 2])
def test_what_is_refused_in_a_piece_is_said_as_if_there_was_one_process(processes):
    def work(number):
        raise UserError(f"there is no {number}")

    with pytest.raises(UserError, match="there is no 3"):
        each(work, [3, 4], processes)


def test_what_is_no_message_for_people_is_printed_where_it_happened(capfd):
    with pytest.raises(RuntimeError, match="ZeroDivisionError in a process of this step"):
        each(lambda number: 1 // number, [0, 0], 2)
    assert "ZeroDivisionError: integer division" in capfd.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="it forks on Linux alone")
def test_a_process_that_is_killed_is_no_wait_for_ever():
    with pytest.raises(UserError, match="a process of this step was ended"):
        each(lambda _: os.kill(os.getpid(), signal.SIGKILL), [1, 2, 3], 2)


def test_several_processes_take_part():
    assert os.getpid() not in each(lambda _: os.getpid(), range(4), 2)
