import pytest
import torch
from torch.nn import functional as F

from resmtnet.networks.box_mean import box_mean


@pytest.mark.parametrize("shape", [(2, 3, 6, 7, 8), (1, 1, 1, 4, 2)])
def test_box_mean_is_average_pooling(shape):
    x = torch.randn(shape)
    torch.testing.assert_close(box_mean(x, 5), F.avg_pool3d(F.pad(x, [2] * 6), 5, stride=1), rtol=1e-5, atol=1e-6)
