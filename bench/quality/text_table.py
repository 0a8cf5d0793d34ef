"""Tables of text, for people or in Markdown."""

from __future__ import annotations


def text_table(head: list[str], body: list[list[str]], markdown: bool) -> str:
    """Lines of equal columns."""
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
    edge, gap = ("| ", " | ") if markdown else ("", "  ")
    lines = [edge + gap.join(c.ljust(w) for c, w in zip(line, widths, strict=True)) for line in [head, *body]]
    lines = [line + " |" if markdown else line.rstrip() for line in lines]
    rule = "|" + "|".join("-" * (w + 2) for w in widths) + "|" if markdown else "-" * len(lines[0])
    return "\n".join([lines[0], rule, *lines[1:], ""])
