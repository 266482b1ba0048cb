"""What makes a PDF one for the archive, or one for the press.

PDF/A-2b (ISO 19005-2:2011):

- §6.2.3  an OutputIntent with an ICC profile says what the RGB colours are;
- §6.6.2  XMP metadata that agree with the document information, and the mark of the standard;
- §6.2.11 every font embedded, which the pen sees to.

PDF/X-1a:2003 (ISO 15930-4): process colours and spot inks only, an OutputIntent that names the
printing condition they were chosen for, by its name in the ICC's registry, and the document
information it asks for.

`srgb.icc` was made once with LittleCMS, which puts it in nobody's copyright ("No copyright, use
freely"); its date is fixed, and its version set to 4.2, the newest that PDF 1.7 knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from pipeline.announce.pdf import File, text

PROFILE = Path(__file__).with_name("srgb.icc")
CREATOR = PRODUCER = "pipeline"


@dataclass(frozen=True, slots=True)
class About:
    """What a document is: its title, who issues it, its number."""

    title: str
    author: str = ""
    subject: str = ""

    def entries(self) -> dict[str, str]:
        told = {"Title": self.title, "Author": self.author, "Subject": self.subject}
        return {key: value for key, value in told.items() if value} | {
            "Creator": CREATOR,
            "Producer": PRODUCER,
        }


def information(entries: Mapping[str, str], more: str = "") -> str:
    """The document information dictionary."""
    return f"<<{''.join(f'/{key}{text(value)}' for key, value in entries.items())}{more}>>"


# --- PDF/X ----------------------------------------------------------------------------------

PRESS_VERSION = "1.4"


def press_intent(file: File, condition: str) -> str:
    """What PDF/X-1a:2003 adds to the catalog (ISO 15930-4 §6.4): the printing condition's name,
    which the registry explains, so that no profile need be embedded."""
    intent = file.add(
        f"<</Type/OutputIntent/S/GTS_PDFX/OutputConditionIdentifier{text(condition)}"
        f"/OutputCondition{text(condition)}/RegistryName(http://www.color.org)"
        f"/Info{text(condition)}>>"
    )
    return f"/OutputIntents[{intent} 0 R]"


def press_information(entries: Mapping[str, str], day: date) -> str:
    """The document information that PDF/X asks for (§6.13, §6.14). Its times are the document's
    own day: the same document is the same file."""
    moment = f"D:{day:%Y%m%d}000000+08'00'"
    times = {"CreationDate": moment, "ModDate": moment, "GTS_PDFXVersion": "PDF/X-1a:2003"}
    return information({**entries, **times}, "/Trapped/False")


# --- PDF/A ----------------------------------------------------------------------------------


def archival(file: File, about: About) -> str:
    """What PDF/A-2b adds to the catalog."""
    profile = file.stream(_profile(), "/N 3")
    intent = file.add(
        "<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB IEC61966-2.1)"
        f"/Info(sRGB IEC61966-2.1)/DestOutputProfile {profile} 0 R>>"
    )
    # Not compressed, so that archives find it without reading the file.
    metadata = file.stream(xmp(about).encode(), "/Type/Metadata/Subtype/XML", plain=True)
    return f"/OutputIntents[{intent} 0 R]/Metadata {metadata} 0 R"


@cache
def _profile() -> bytes:
    return PROFILE.read_bytes()


def xmp(about: About) -> str:
    """Metadata that say what the document information says (ISO 19005-2 §6.6.2.2)."""
    subject = f"<dc:description>{_alt(about.subject)}</dc:description>\n" if about.subject else ""
    author = escape(about.author)
    creator = f"<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>\n"
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" {NAMESPACES}>
<dc:title>{_alt(about.title)}</dc:title>
{creator if author else ""}{subject}<xmp:CreatorTool>{CREATOR}</xmp:CreatorTool>
<pdf:Producer>{PRODUCER}</pdf:Producer>
<pdfaid:part>2</pdfaid:part>
<pdfaid:conformance>B</pdfaid:conformance>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


def _alt(value: str) -> str:
    return f'<rdf:Alt><rdf:li xml:lang="x-default">{escape(value)}</rdf:li></rdf:Alt>'


NAMESPACES = " ".join(
    f'xmlns:{name}="{uri}"'
    for name, uri in {
        "dc": "http://purl.org/dc/elements/1.1/",
        "xmp": "http://ns.adobe.com/xap/1.0/",
        "pdf": "http://ns.adobe.com/pdf/1.3/",
        "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    }.items()
)
