"""kramdown in full: blocks, then spans, then HTML."""

from feeds.markup.kramdown.blocks import BlockReader
from feeds.markup.kramdown.document import Document
from feeds.markup.kramdown.nodes import Kind, Node
from feeds.markup.kramdown.options import KramdownOptions
from feeds.markup.kramdown.render import Renderer
from feeds.markup.kramdown.resolve import finish_gfm, mark_abbreviations, resolve


def full_html(text: str, options: KramdownOptions) -> str:
    """Return the text as HTML. Raises TooCostlyError for a text that would take too much work."""
    document = Document(options)
    root = Node(Kind.ROOT)
    source = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").removesuffix("\n") + "\n"
    BlockReader(document, source).read_into(root)
    for tree in (root, *document.footnotes.values()):
        resolve(document, tree)
        mark_abbreviations(document, tree)
    if options.gfm:
        finish_gfm(document, root)
    return Renderer(document).document_html(root)
