"""`fastspec inspect`: what is known about a picture."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from fastspec.cli import progress
from fastspec.cli.options import FACTS, INPUTS, MAX_PIXELS, given_facts

if TYPE_CHECKING:
    from fastspec.batch.inputs import Item

JSON = click.Option(["--json", "as_json"], is_flag=True, help="Print JSON instead of a table.")


@click.command(params=[INPUTS, *FACTS, MAX_PIXELS, JSON])
def inspect(inputs: tuple[str, ...], as_json: bool, **facts: Any) -> int:
    """Say what is known about a picture, how it is known, and what goes wrong if it is wrong."""
    from fastspec.batch.inputs import items_to_read
    from fastspec.calibration.report import as_table
    from fastspec.errors import code_and_message
    from fastspec.inspection import inspect as inspect_picture
    from fastspec.picture.formats import searched_suffixes

    items = items_to_read(inputs, searched_suffixes())
    reports: list[dict[str, Any]] = []

    def look(item: Item) -> str:
        try:
            calibration = inspect_picture(item.source, **given_facts(facts))
        except Exception as error:
            if len(items) > 1:  # the others are reported, and so is this
                code, message = code_and_message(error)
                reports.append({"file": str(item.source), "error": {"code": code, "message": message}})
            raise
        if as_json:
            reports.append({"file": str(item.source), **calibration.report()})
            return ""
        return as_table(calibration, str(item.source))

    code = progress.run_items(items, look, "picture", bar=False)
    if as_json and reports:
        click.echo(json.dumps(reports[0] if len(items) == 1 else reports, indent=2))
    return code
