from __future__ import annotations

import subprocess
import sys

import pytest

# A header's character set is quoted by pydicom in warning and log alike; the main thread does what an import does.
PROGRAM = """
import threading, warnings
from resmtnet.pipelines.quiet_readers import quiet_readers
from pydicom.charset import convert_encodings

left = threading.Event()

def read():
    quiet_readers()
    began.set()
    left.wait()
    convert_encodings(["DOE^JOHN"])

began = threading.Event()
reader = threading.Thread(target=read)
{main}
"""
LEAVES_MEANWHILE = """
with warnings.catch_warnings():
    reader.start()
    began.wait()
left.set()
reader.join()
"""
ENTERS_MEANWHILE = """
reader.start()
began.wait()
with warnings.catch_warnings():
    left.set()
    reader.join()
"""
ASKED_FOR_ALL = """
warnings.simplefilter("always")
reader.start()
left.set()
reader.join()
"""


@pytest.mark.parametrize("main", [LEAVES_MEANWHILE, ENTERS_MEANWHILE, ASKED_FOR_ALL])
def test_nothing_of_a_header_reaches_stderr_whatever_another_thread_does_to_the_filters(main):
    program = PROGRAM.format(main=main)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_warnings_of_others_are_heard():
    program = "from resmtnet.pipelines.quiet_readers import quiet_readers as quiet\n"
    program += "import warnings; quiet(); warnings.warn('mine')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "UserWarning: mine" in done.stderr
