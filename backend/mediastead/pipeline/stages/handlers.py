"""Which handler does which stage on a host. Organizing is the server's own (`organize`)."""

from ..jobs.models import Stage
from ..jobs.work import Handlers
from .remux import remux
from .rip import rip
from .transcode import transcode

HOST_HANDLERS: Handlers = {Stage.RIP: rip, Stage.REMUX: remux, Stage.TRANSCODE: transcode}
