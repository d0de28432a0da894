import subprocess
import sys

CODE = """
import sys
from resmtnet.pipelines.import_monai import import_monai
import_monai()
print("monai.handlers" in sys.modules, "mlflow" in sys.modules)
import mlflow
print(mlflow.__name__)
"""


def test_monai_brings_no_tracker_along_and_it_can_be_imported_after():
    child = subprocess.run([sys.executable, "-c", CODE], capture_output=True, check=True, text=True, timeout=300)
    assert child.stdout.splitlines() == ["True False", "mlflow"]
