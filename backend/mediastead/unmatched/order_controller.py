"""The orders of a series over HTTP."""

from typing import Annotated

from litestar import Controller, delete, get, put
from litestar.params import Body, PathParameter, QueryParameter

from ..clock import Clock
from ..db.engine import Database
from ..events.wake import Wake
from ..http.paging import DEFAULT_LIMIT, LARGEST_INTEGER, Limit
from ..http.permissions import Permission, requires
from ..metadata.provider import CatalogProvider
from . import orders
from .order_schemas import OrderAnswer, OrderChoice, OrderPreview, OrdersShown
from .types import ReadPaths

AnId = Annotated[int, PathParameter(ge=1, le=LARGEST_INTEGER)]
AnOrder = Annotated[str, PathParameter(max_length=64, description="The provider's id, or `none` for its own order.")]
ApplyToMatched = Annotated[bool, QueryParameter(description="Also give matched files the episodes of that order.")]
OWN = "none"
"""In place of an order's id: the provider's own order."""


class SeriesOrdersController(Controller):
    path = "/v1/items/{item_id:int}"
    tags = ("items",)

    @get(
        "/orders",
        guards=[requires(Permission.VIEW)],
        summary="The orders in which the episodes of a series are counted",
    )
    async def list_orders(self, item_id: AnId, database: Database, provider: CatalogProvider) -> OrdersShown:
        return await orders.orders_shown(database, provider, item_id)

    @get(
        "/orders/{group_id:str}/preview",
        guards=[requires(Permission.VIEW)],
        summary="What the files of a series would be by an order",
    )
    async def preview(
        self,
        item_id: AnId,
        group_id: AnOrder,
        database: Database,
        provider: CatalogProvider,
        read_paths: ReadPaths,
        limit: Limit = DEFAULT_LIMIT,
    ) -> OrderPreview:
        wanted = None if group_id == OWN else group_id
        return orders.preview(await orders.consider(database, provider, read_paths, item_id, wanted), limit)

    @put("/order", guards=[requires(Permission.ANSWER)], summary="Read the names of a series' files by an order")
    async def choose(
        self,
        item_id: AnId,
        data: Annotated[OrderChoice, Body(description="The order, and whether matched files follow it at once.")],
        database: Database,
        provider: CatalogProvider,
        read_paths: ReadPaths,
        clock: Clock,
        actor: str,
        wake: Wake,
    ) -> OrderAnswer:
        considered = await orders.consider(database, provider, read_paths, item_id, data.group_id)
        async with database.write() as session:
            answer = await orders.choose(
                session, clock.now(), actor, considered, apply_to_matched=data.apply_to_matched
            )
        wake.identify.set()
        return answer

    @delete(
        "/order",
        guards=[requires(Permission.ANSWER)],
        status_code=200,
        summary="Read the names of a series' files by the provider's own order again",
    )
    async def forget(
        self,
        item_id: AnId,
        database: Database,
        provider: CatalogProvider,
        read_paths: ReadPaths,
        clock: Clock,
        actor: str,
        wake: Wake,
        apply_to_matched: ApplyToMatched = False,
    ) -> OrderAnswer:
        considered = await orders.consider(database, provider, read_paths, item_id, None)
        async with database.write() as session:
            answer = await orders.choose(session, clock.now(), actor, considered, apply_to_matched=apply_to_matched)
        wake.identify.set()
        return answer
