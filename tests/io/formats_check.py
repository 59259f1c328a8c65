"""Runs every Python snippet of src/io/FORMATS.md in a sample run folder, and opens the checkpoint with h5dump."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

FORMATS = Path(__file__).resolve().parents[2] / "src/io/FORMATS.md"

if __name__ == "__main__":
    os.chdir(sys.argv[1])
    snippets = re.findall(r"```python\n(.*?)```", FORMATS.read_text(), re.DOTALL)
    assert len(snippets) >= 6, "FORMATS.md lost its snippets"
    for snippet in snippets:
        exec(compile(snippet, "FORMATS.md", "exec"), {})
    if shutil.which("h5dump"):
        text = subprocess.run(["h5dump", "-d", "/model/head/weights", "ckpt/step-000000010.h5"], check=True,
                              capture_output=True, text=True).stdout
        assert "1, 2, 3" in text, text
    print("ok")
