"""Which handler does which stage on a host. Organizing is the server's own (`organize`)."""

from ..jobs.models import Stage
from ..jobs.work import Handler, Handlers, Report, Result, Work
from .remux import remux
from .rip import rip
from .scripts import run_script, script_of
from .transcode import transcode


def _or_script(handler: Handler) -> Handler:
    """A host may have a stage done by a script of its own."""

    async def handle(work: Work, report: Report) -> Result:
        script = script_of(work.commands)
        return await handler(work, report) if script is None else await run_script(work, report, script)

    return handle


HOST_HANDLERS: Handlers = {
    Stage.RIP: _or_script(rip),
    Stage.REMUX: _or_script(remux),
    Stage.TRANSCODE: _or_script(transcode),
}
