"""Tables that a browser sorts and searches, through itables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from galseg.report.cells import PageColumn

__all__ = ["interactive_table", "table_script"]

_ROWS = 25  # a screenful
_BY_FIRST_NUMBER = """function (data, type) {
  if (type !== 'sort' && type !== 'type') return data;
  return data === '' ? null : parseFloat(data);
}"""


def table_script() -> str:
    """Return the HTML that a page with any number of these tables needs once: all of DataTables."""
    from itables import options
    from itables.javascript import generate_init_offline_itables_html

    html: str = generate_init_offline_itables_html(options.dt_bundle)
    return html


def interactive_table(name: str, columns: Sequence[PageColumn]) -> str:
    """Return the HTML of a table.

    Parameters
    ----------
    name : str
        Its element's id.
    columns : sequence of PageColumn
    """
    from itables import JavascriptFunction, to_html_datatable

    by_number = {
        "targets": _places(column.kind == "number" for column in columns),
        "render": JavascriptFunction(_BY_FIRST_NUMBER),
        "orderSequence": ["desc", "asc"],  # so that empty cells come last at the first click
    }
    only_to_see = {
        "targets": _places(column.kind == "picture" for column in columns),
        "orderable": False,
        "searchable": False,
    }
    html: str = to_html_datatable(
        pd.DataFrame({column.heading: column.cells for column in columns}),
        allow_html=True,  # a `PageColumn` is HTML, its texts escaped
        classes="display compact nowrap",
        columnDefs=[by_number, only_to_see],
        connected=False,
        display_logo_when_loading=False,
        fixedColumns={"left": 1},
        maxBytes=0,
        maxColumns=0,
        pageLength=_ROWS,
        scrollX=True,
        showIndex=False,
        table_id=name,
        text_in_header_can_be_selected=False,  # so that a click anywhere on a heading sorts
    )
    return html


def _places(chosen: Iterable[bool]) -> list[int]:
    return [place for place, is_chosen in enumerate(chosen) if is_chosen]
