"""Calendar expressions in text -> EDTF values.

>>> text = "The MoU was signed on 12 January; it runs until 2025."
>>> [mention.value for mention in resolve(find_expressions(text), text, "2022-01-13")]
['2022-01-12', '2025']
"""

from pipeline.dates.edtf import bounds
from pipeline.dates.expressions import Expression, Point
from pipeline.dates.finding import find_expressions
from pipeline.dates.resolving import DateMention, resolve

__all__ = ["DateMention", "Expression", "Point", "bounds", "find_expressions", "resolve"]
