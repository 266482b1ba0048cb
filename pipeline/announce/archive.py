"""What makes a PDF one for the archive: PDF/A-2b (ISO 19005-2:2011).

- §6.2.3  an OutputIntent with an ICC profile says what the RGB colours are;
- §6.6.2  XMP metadata that agree with the document information, and the mark of the standard;
- §6.2.11 every font embedded, which the pen sees to.

`srgb.icc` was made once with LittleCMS, which puts it in nobody's copyright ("No copyright, use
freely"); its date is fixed, and its version set to 4.2, the newest that PDF 1.7 knows.
"""

from __future__ import annotations

import zlib
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfdoc

PROFILE = Path(__file__).with_name("srgb.icc")
CREATOR = "pipeline"
#: Glyphs hardly shrink further on higher levels, which take three times as long.
LEVEL = 3


class Catalog(pdfdoc.PDFCatalog):
    """reportlab's catalog, with the OutputIntents that it leaves out."""

    __NoDefault__ = [*pdfdoc.PDFCatalog.__NoDefault__, "OutputIntents"]  # noqa: RUF012
    __Refs__ = [*pdfdoc.PDFCatalog.__Refs__, "OutputIntents"]  # noqa: RUF012


class Stream(pdfdoc.PDFStream):
    """A stream whose `endstream` stands on a line of its own, which reportlab leaves to chance
    (§6.1.7.1). Its bytes are compressed once and not spelled out as ASCII."""

    def format(self, document: Any) -> bytes:
        content = self.content
        content = content.encode() if isinstance(content, str) else content
        entries = dict(self.dictionary.dict)
        if self.filters != []:
            content = zlib.compress(content, LEVEL)
            entries["Filter"] = pdfdoc.PDFName("FlateDecode")
        entries["Length"] = len(content)
        head: bytes = pdfdoc.format(pdfdoc.PDFDictionary(entries), document)
        return b"".join((head, b"\nstream\n", content, b"\nendstream\n"))


def tidy_streams(document: Any) -> None:
    """Makes every stream that the document knows one of ours; pages are given theirs."""
    for found in list(document.idToObject.values()):
        if type(found) is pdfdoc.PDFStream:
            found.__class__ = Stream
        elif isinstance(found, pdfdoc.PDFPage) and found.stream and not found.Contents:
            found.Contents = Stream(content=found.stream)
            found.Trans = None  # an empty transition, of no use on paper


def make_archival(document: Any) -> None:
    """Adds what PDF/A-2b asks for to a reportlab document whose information is complete."""
    catalog: Any = Catalog()
    catalog.__dict__.update(document.Catalog.__dict__)
    document.Catalog = document._catalog = catalog
    document.info.creator = CREATOR
    catalog.OutputIntents = pdfdoc.PDFArray([_output_intent(document)])
    catalog.Metadata = _metadata(document)


def _output_intent(document: Any) -> Any:
    profile = Stream(pdfdoc.PDFDictionary({"N": 3}), _profile())
    return pdfdoc.PDFDictionary(
        {
            "Type": pdfdoc.PDFName("OutputIntent"),
            "S": pdfdoc.PDFName("GTS_PDFA1"),
            "OutputConditionIdentifier": pdfdoc.PDFString("sRGB IEC61966-2.1"),
            "Info": pdfdoc.PDFString("sRGB IEC61966-2.1"),
            "DestOutputProfile": document.Reference(profile),
        }
    )


@cache
def _profile() -> bytes:
    return PROFILE.read_bytes()


def _metadata(document: Any) -> Any:
    """The XMP packet, not compressed, so that archives find it without reading the file."""
    names = {"Type": pdfdoc.PDFName("Metadata"), "Subtype": pdfdoc.PDFName("XML")}
    return Stream(pdfdoc.PDFDictionary(names), xmp(document.info, _stamp(document)), filters=[])


def _stamp(document: Any) -> str:
    """The time that reportlab writes as the file's creation, as XMP writes times."""
    time = document._timeStamp
    return "{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}".format(*time.YMDhms) + "+00:00"


def xmp(info: Any, created: str) -> str:
    """Metadata that say what the document information says (ISO 19005-2 §6.6.2.2)."""
    namespaces = " ".join(f'xmlns:{name}="{uri}"' for name, uri in NAMESPACES.items())
    about = "" if not info.subject else f"<dc:description>{_alt(info.subject)}</dc:description>\n"
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" {namespaces}>
<dc:title>{_alt(info.title)}</dc:title>
<dc:creator><rdf:Seq><rdf:li>{escape(info.author)}</rdf:li></rdf:Seq></dc:creator>
{about}<xmp:CreateDate>{created}</xmp:CreateDate>
<xmp:ModifyDate>{created}</xmp:ModifyDate>
<xmp:CreatorTool>{escape(info.creator)}</xmp:CreatorTool>
<pdf:Producer>{escape(info.producer)}</pdf:Producer>
<pdfaid:part>2</pdfaid:part>
<pdfaid:conformance>B</pdfaid:conformance>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


def _alt(text: str) -> str:
    return f'<rdf:Alt><rdf:li xml:lang="x-default">{escape(text)}</rdf:li></rdf:Alt>'


NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
}
