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


SHARDED = """
import sys
from resmtnet.pipelines.import_monai import import_monai
import_monai()
from ignite.handlers import checkpoint
import torch
network = torch.nn.Linear(2, 1)
print("torch.distributed.optim" in sys.modules, isinstance(network, checkpoint.ZeroRedundancyOptimizer))
import torch.distributed as dist
from torch.distributed.optim import ZeroRedundancyOptimizer
dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
sharded = ZeroRedundancyOptimizer(network.parameters(), torch.optim.SGD, lr=0.1)
plain = torch.optim.SGD(network.parameters(), lr=0.1)
print(*(isinstance(one, checkpoint.ZeroRedundancyOptimizer) for one in (sharded, plain)))
"""


def test_ignite_knows_a_sharded_optimizer_though_none_was_imported_for_it():
    child = subprocess.run([sys.executable, "-c", SHARDED], capture_output=True, check=True, text=True, timeout=300)
    assert child.stdout.splitlines() == ["False False", "True False"]


LATER = """
import sys
from resmtnet.pipelines.import_monai import import_monai
import_monai()
from monai.data.ultrasound_confidence_map import hilbert
from monai.handlers import tensorboard_handlers
late = ("scipy.signal", "torch.utils.tensorboard")
print(*(name in sys.modules for name in late))
print(abs(hilbert([1.0, 2.0, 3.0]).real - [1.0, 2.0, 3.0]).max() < 1e-12)
writer = tensorboard_handlers.SummaryWriter(log_dir=sys.argv[1])
print(type(writer).__module__, *(name in sys.modules for name in late))
"""


def test_what_monai_may_call_is_imported_when_it_does(tmp_path):
    command = [sys.executable, "-c", LATER, str(tmp_path)]
    child = subprocess.run(command, capture_output=True, check=True, text=True, timeout=300)
    assert child.stdout.splitlines() == ["False False", "True", "torch.utils.tensorboard.writer True True"]
