"""`fastspec inspect`: what is known about a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from fastspec.cli import hear as hearing
from fastspec.cli import output, progress
from fastspec.cli.options import FACTS, INPUTS, LIKE, MAX_PIXELS, PICTURE_LIMITS, given_facts, taken
from fastspec.errors import FastspecError, ParameterError, PictureError, code_and_message

if TYPE_CHECKING:
    from fastspec.batch.inputs import Item

HEAR = click.Option(
    ["--hear"], metavar="DIR", help="Write the sound of each likely interpretation of the picture into this folder."
)
ORIGINAL = click.Option(
    ["--original"],
    metavar="SOUND",
    help="The sound that the picture was drawn from, unedited: it settles facts that the picture leaves open.",
)
JSON = click.Option(["--json", "as_json"], is_flag=True, help="Print JSON instead of a table.")


@click.command(params=[INPUTS, *FACTS, LIKE, MAX_PIXELS, *PICTURE_LIMITS, ORIGINAL, HEAR, JSON])
def inspect(inputs: tuple[str, ...], as_json: bool, hear: str | None, original: str | None, **options: Any) -> int:
    """Show what is known about a picture, how it is known, and what happens if it is wrong."""
    from fastspec.batch.inputs import items_to_read
    from fastspec.calibration.report import as_table
    from fastspec.detect.stated import as_plain
    from fastspec.inspection import given_facts as check_given
    from fastspec.inspection import known_of
    from fastspec.picture.formats import searched_suffixes
    from fastspec.retouch.inspecting import inspect as inspect_picture

    if hear is not None and original is not None:
        raise ParameterError("--hear writes all likely interpretations, --original decides between them; give one")
    facts = given_facts(taken(options, FACTS))
    checked = check_given(facts)
    asked = {**facts, **given_facts(options)}
    items = items_to_read(inputs, searched_suffixes())
    if asked.get("like") is not None and len(items) > 1:  # it is read once
        asked["like"] = as_plain(known_of(asked["like"], checked))
    reports: list[dict[str, Any]] = []

    def look(item: Item) -> str:
        try:
            if item.fault is not None:
                raise PictureError(item.fault)
            calibration = inspect_picture(item.source, original=original, **asked)
        except Exception as error:
            if len(items) > 1:  # the others are reported, and so is this
                reports.append({"file": str(item.source), "error": _error(error)})
            raise
        report: dict[str, Any] = {"file": str(item.source), **calibration.report()}
        table = as_table(calibration, str(item.source))
        if as_json:
            reports.append(report)
        if hear is None:
            return "" if as_json else table
        if not as_json:  # it stands also where no sound can be made
            output.show(table)
        try:
            with progress.compiling_said():
                heard = hearing.hear(item.source, calibration, hear, asked)
        except FastspecError as error:
            report["error"] = _error(error)
            raise
        report["heard"] = heard
        return "" if as_json else hearing.as_lines(heard)

    try:
        return progress.run_items(items, look, "picture", bar=False)
    finally:
        if as_json and reports:
            output.show_json(reports[0] if len(items) == 1 else reports, indent=2)


def _error(error: Exception) -> dict[str, str]:
    code, message = code_and_message(error)
    return {"code": code, "message": message}
