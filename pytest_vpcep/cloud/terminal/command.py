"""One command in a terminal, from the test process: start it, feed it, collect what it says."""

from __future__ import annotations

import os
import selectors
import socket
import time
from dataclasses import dataclass
from typing import NamedTuple

from pytest_vpcep.cloud.terminal import wire
from pytest_vpcep.errors import TerminalError

TIMED_OUT = 124  # as timeout(1) says
_MOST_OUTPUT = 64 * 1024 * 1024
_PIECE = 65536
# How long to listen on after the command ended, when something it started still holds its output.
_LINGER = 0.05
_LINGER_AFTER_KILL = 2.0


class CommandOutput(NamedTuple):
    """What a command said, and how it ended.

    Args:
        rc: exit status; 128 + N where signal N ended it, 124 where its time limit did.
        stdout: everything it wrote to standard output.
        stderr: everything it wrote to standard error.
    """

    rc: int
    stdout: bytes
    stderr: bytes


@dataclass
class _Stream:
    file: int
    data: bytearray


class RunningCommand:
    """A request that was handed to a terminal's agent.

    Args:
        connection: our end of the connection that the agent serves it on.
        request: what to run.
        typed: what it finds on its standard input.
    """

    def __init__(self, connection: socket.socket, request: wire.Request, typed: bytes) -> None:
        self._connection = connection
        self._typed = memoryview(typed)
        read_end, self._input = os.pipe()
        output, output_end = os.pipe()
        errors, errors_end = os.pipe()
        self._streams = (_Stream(output, bytearray()), _Stream(errors, bytearray()))
        self._selector = selectors.DefaultSelector()
        self._status: int | None = None
        try:
            wire.send(connection, request.fields(), (read_end, output_end, errors_end))
        except OSError:
            raise TerminalError("the terminal has ended") from None
        finally:
            wire.close_all((read_end, output_end, errors_end))

    def __enter__(self) -> RunningCommand:
        """Give the command."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the command if it still runs, and close all pipes."""
        self._selector.close()
        self._connection.close()
        self._end_of_input()
        wire.close_all([stream.file for stream in self._streams])

    def _end_of_input(self) -> None:
        if self._input >= 0:
            os.close(self._input)
            self._input = -1

    def result(self, timeout: float) -> CommandOutput:
        """Wait for the command's end.

        Args:
            timeout: seconds; then it and all it started are killed.

        Raises:
            TerminalError: the terminal ended before it did.
        """
        self._watch()
        ended = self._pump(time.monotonic() + timeout)
        if ended == "connection":
            self._status = wire.receive_status(self._connection)
            self._connection.close()
            self._pump(time.monotonic() + _LINGER)
            if self._status is None:
                raise TerminalError("the terminal ended while a command ran in it")
            return self._output(self._status)
        self._selector.unregister(self._connection)
        self._connection.close()
        self._pump(time.monotonic() + _LINGER_AFTER_KILL)
        why = (
            f"its time limit of {timeout:g} seconds"
            if ended == "time"
            else f"{_MOST_OUTPUT // 1024 // 1024} MiB of output"
        )
        self._streams[1].data += f"vpcep: the command was ended after {why}\n".encode()
        return self._output(TIMED_OUT)

    def _output(self, status: int) -> CommandOutput:
        return CommandOutput(status, bytes(self._streams[0].data), bytes(self._streams[1].data))

    def _watch(self) -> None:
        self._selector.register(self._connection, selectors.EVENT_READ)
        for stream in self._streams:
            os.set_blocking(stream.file, False)
            self._selector.register(stream.file, selectors.EVENT_READ, stream)
        if self._typed:
            os.set_blocking(self._input, False)
            self._selector.register(self._input, selectors.EVENT_WRITE)
        else:
            self._end_of_input()

    def _pump(self, deadline: float) -> str:
        """Move data until ``connection`` (it ended), ``time``, ``output`` or ``streams`` is up."""
        while self._selector.get_map():
            events = self._selector.select(max(0, deadline - time.monotonic()))
            for key, _ in events:
                if isinstance(key.data, _Stream):
                    self._read(key.data)
                elif key.fileobj is self._connection:
                    self._selector.unregister(self._connection)
                    return "connection"
                else:
                    self._write()
            if sum(len(stream.data) for stream in self._streams) > _MOST_OUTPUT:
                return "output"
            if not events and time.monotonic() >= deadline:
                return "time"
        return "streams"

    def _read(self, stream: _Stream) -> None:
        piece = os.read(stream.file, _PIECE)
        if piece:
            stream.data += piece
        else:
            self._selector.unregister(stream.file)

    def _write(self) -> None:
        try:
            self._typed = self._typed[os.write(self._input, self._typed[:_PIECE]) :]
        except BrokenPipeError:  # it does not read what is left
            self._typed = self._typed[:0]
        if not self._typed:
            self._selector.unregister(self._input)
            self._end_of_input()
