"""Where output goes: a terminal, which may be redrawn and has a width, or a file or pipe, which is plain."""

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

SPACING = 2  # columns between two columns of a table
PLAIN_WIDTH = 120  # columns, where there is no terminal to ask


class Output(Console):
    """A console that leaves it to the command what it means if nothing reads the output any longer."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError

    @property
    def is_animated(self) -> bool:
        """Whether what was written can be drawn again: FORCE_COLOR asks a file for colors, not for movements."""
        return self.is_terminal and not self.is_dumb_terminal and self.file.isatty()


def print_table(out: Console, grid: Table) -> None:
    """Prints a table that is as wide as the console, or wider where words would be cut otherwise: it loses nothing."""
    for column in grid.columns:
        lines = [line for cell in (column.header, *column.cells) for line in str(cell).splitlines()]
        parts = lines if column.no_wrap else [word for line in lines for word in line.split()]
        column.min_width = max(map(cell_len, parts), default=0)
    least = sum((column.min_width or 0) + SPACING for column in grid.columns)
    if least > out.width:
        grid.width = least
    out.print(grid, crop=False)


def console(stderr: bool = False) -> Output:
    """Where output goes: with colors and the terminal's width, or plain, with colors only where FORCE_COLOR asks."""
    found = Output(highlight=False, emoji=False, stderr=stderr)
    if found.is_animated:
        return found
    no_color = found.no_color or not found.is_terminal
    return Output(highlight=False, emoji=False, width=PLAIN_WIDTH, no_color=no_color, stderr=stderr)
