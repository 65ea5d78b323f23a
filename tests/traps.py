"""What may go wrong with an article, by what it says: a component that processes outside the tests can load too."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc


@Language.component("trap")
def trap(doc: Doc) -> Doc:
    if "raise an error" in doc.text:
        raise RuntimeError("a component stumbled")
    if "kill the worker" in doc.text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "take the machine along" in doc.text and b"dask" in Path(f"/proc/{os.getppid()}/cmdline").read_bytes():
        os.kill(os.getppid(), signal.SIGKILL)  # the worker of a cluster, which started this process
    if "hang for ever" in doc.text:
        time.sleep(1000)
    if "take a moment" in doc.text:
        time.sleep(0.02)
    if "eat all memory" in doc.text:
        _ = [bytes([n]) * 2**26 for n in range(64)]  # 4 GB, where there is no limit
    return doc
