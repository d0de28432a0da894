"""Binary cross-entropy on logits with a balance of sensitivity and specificity."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def balanced_bce(logits: Tensor, target: Tensor, q: float = 1.0) -> Tensor:
    """Binary cross-entropy, element by element, in which a missed positive costs ``q`` times as much.

    With logit x, label z and the sigmoid s, ``-[q z log s(x) + (1 - z) log(1 - s(x))]``, computed as
    ``(1 - z) x + (1 + (q - 1) z) (log(1 + exp(-|x|)) + max(-x, 0))``, which neither overflows nor takes log(0).

    This is the best-supported reading of the "numerically stable" loss of EMT-NET (arXiv 2201.04795), taken from later
    code of the same authors. The paper's text does not confirm it.

    Its gradient is ``(1 + (q - 1) z) s(x) - q z``. For a true share p of positives the least loss is at
    ``s = q p / (q p + 1 - p)``: a threshold of 0.5 on the output stands for ``1 / (1 + q)`` on p. ``q > 1`` raises
    sensitivity, ``q < 1`` specificity, and the output is a calibrated probability for ``q = 1`` only.

    Parameters
    ----------
    logits, target : of one shape; targets in [0, 1], soft ones too.
    q : weight of the positives, above 0.

    Returns
    -------
    Of the same shape.

    Raises
    ------
    ValueError
        If ``q`` is not above 0.
    """
    if not q > 0:
        raise ValueError(f"q must be above 0, found {q}")
    # -logsigmoid(x) is the second bracket; written out, its gradient at x = 0 would be wrong (|x| and max have a kink)
    return (1 - target) * logits - (1 + (q - 1) * target) * F.logsigmoid(logits)
