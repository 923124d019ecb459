"""Owns what docs/comparison.md says of black boxes in PDF files: makes such files and says what can be read from them.

    python3 -m venv venv && venv/bin/pip install reportlab pypdf
    venv/bin/python tests/comparison/pdf.py

Run by hand; nothing else depends on it. It writes into memory only.
"""

import io

import pypdf
import reportlab
from pypdf.annotations import Rectangle
from pypdf.generic import NameObject, RectangleObject, StreamObject
from reportlab.pdfgen.canvas import Canvas

SECRET = "Canarypdf, 4.2 million"


def page(box: bool) -> bytes:
    """Returns a page with a sentence on it and, if wanted, a black box over its end."""
    file = io.BytesIO()
    canvas = Canvas(file, pageCompression=0)
    canvas.setTitle("Second meeting")
    canvas.setAuthor("Canaryauthor, secretary")
    canvas.drawString(72, 700, f"The offer of {SECRET} was noted.")
    if box:
        canvas.rect(130, 695, 130, 16, fill=1)
    canvas.save()
    return file.getvalue()


def text(file: bytes) -> str:
    """Returns what anyone gets who selects all and copies."""
    return pypdf.PdfReader(io.BytesIO(file)).pages[0].extract_text().strip()


def covered_by_annotation() -> bytes:
    """Returns the page with an opaque annotation over the text, as the drawing tools of viewers make it."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(page(box=False)))
    box = Rectangle(rect=(130, 695, 260, 711), interior_color="000000")
    writer.add_annotation(0, box)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def replaced() -> tuple[bytes, bytes, bytes]:
    """Returns the page with its text replaced: saved whole, the same without what nothing refers to, and saved as an update."""
    old = page(box=False)

    def replace(writer: pypdf.PdfWriter, is_tidied: bool = False) -> bytes:
        content = writer.pages[0].get_contents()
        clean = StreamObject()
        clean.set_data(content.get_data().replace(SECRET.encode(), b"[withheld]"))
        writer.pages[0][NameObject("/Contents")] = writer._add_object(clean)
        if is_tidied:
            writer.compress_identical_objects(remove_unreferenced=True)
        file = io.BytesIO()
        writer.write(file)
        return file.getvalue()

    def whole() -> pypdf.PdfWriter:
        writer = pypdf.PdfWriter()
        writer.append(io.BytesIO(old))
        return writer

    update = pypdf.PdfWriter(io.BytesIO(old), incremental=True)
    return replace(whole()), replace(whole(), is_tidied=True), replace(update)


def cropped() -> bytes:
    """Returns the page cut to a part without the text."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(page(box=False)))
    writer.pages[0].cropbox = RectangleObject((0, 0, 595, 600))
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def main() -> None:
    print(f"reportlab {reportlab.Version}, pypdf {pypdf.__version__}")
    print("text under a black box:", text(page(box=True)))
    print("text under an opaque annotation:", text(covered_by_annotation()))
    print("text outside the crop box:", text(cropped()))
    whole, tidied, update = replaced()
    print("text replaced, saved whole:", text(whole), "| in the bytes:", SECRET.encode() in whole)
    print("the same, unused objects removed:", text(tidied), "| in the bytes:", SECRET.encode() in tidied)
    print("text replaced, saved as an update:", text(update), "| in the bytes:", SECRET.encode() in update)
    before = update[: update.index(b"%%EOF") + len(b"%%EOF")]
    print("the same file, cut behind its first end:", text(before))
    print("author in the properties:", pypdf.PdfReader(io.BytesIO(page(box=True))).metadata.author)


if __name__ == "__main__":
    main()
