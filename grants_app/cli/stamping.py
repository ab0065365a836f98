"""The embedded server notes when each request was whole: waiting for a free thread makes nobody late."""

from __future__ import annotations

from typing import Any

from grants_app.core import clock
from grants_app.core.clock import Arrival
from grants_app.web.arrival import ENVIRON


def stamp_requests(server: Any) -> None:
    """Let a waitress server tell the application when a request began to come and when it was whole."""
    from waitress.channel import HTTPChannel
    from waitress.parser import HTTPRequestParser
    from waitress.task import WSGITask

    class StampedRequest(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
        """A request that knows its first and its last byte."""

        def __init__(self, adj: Any) -> None:
            super().__init__(adj)
            self.began = self.whole = clock.now()

        def received(self, data: bytes) -> int:
            """Take the next bytes; the loop that reads them never waits for a worker."""
            taken: int = super().received(data)
            self.whole = clock.now()
            return taken

    class StampedTask(WSGITask):  # type: ignore[misc]  # waitress has no types
        """A task that hands the instants on."""

        def get_environment(self) -> Any:
            """The environment of the request with its instants."""
            environ = super().get_environment()
            environ[ENVIRON] = Arrival(self.request.began, self.request.whole)
            return environ

    class StampedChannel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
        """A connection whose requests are stamped."""

        task_class = StampedTask
        parser_class = StampedRequest

    # A host with several addresses is served by several servers under one.
    for one in [server, *(part for part in getattr(server, "map", {}).values() if part is not server)]:
        if hasattr(one, "channel_class"):
            one.channel_class = StampedChannel
