"""xlsxwriter on the rows of :mod:`bench.sheets`, in a module of its own: nobody else's memory holds the library."""

import xlsxwriter

from bench import sheets


def by_xlsxwriter(number: int, file) -> None:
    """Write so many rows in constant memory."""
    book = xlsxwriter.Workbook(file.name, {"constant_memory": True})
    paper, as_date = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
    for line, cells in enumerate(sheets.rows(number)):
        for place, cell in enumerate(cells):
            if place < sheets.TEXTS:
                paper.write_string(line, place, cell)
            elif place < sheets.TEXTS + sheets.DATES:
                paper.write_datetime(line, place, cell, as_date)
            else:
                paper.write_number(line, place, cell)
    book.close()


if __name__ == "__main__":
    sheets.main(by_xlsxwriter)
