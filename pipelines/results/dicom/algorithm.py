"""What made the findings, in the words of DICOM."""

from __future__ import annotations

from pathlib import PurePath

from highdicom import AlgorithmIdentificationSequence
from pydicom.sr.codedict import codes

from ...records import CaseResult

_LONG_STRING = 64  # characters of VR LO (PS3.5 6.2)
_HASH_DIGITS = 12


def algorithm(result: CaseResult) -> AlgorithmIdentificationSequence:
    """Return the Algorithm Identification Macro (PS3.3 10.16) of the model behind a result."""
    return AlgorithmIdentificationSequence(
        name=algorithm_name(result),
        family=codes.DCM.ArtificialIntelligence,
        version=algorithm_version(result),
        source="resmtnet",
    )


def algorithm_name(result: CaseResult) -> str:
    """Return package and bundle; of a bundle given as a folder only its last name."""
    return f"resmtnet {PurePath(result.bundle).name}".strip()[:_LONG_STRING]


def algorithm_version(result: CaseResult) -> str:
    """Return the version of the package and the first digits of the hash of the weights."""
    return f"{result.versions.get('resmtnet', '0')} {result.weights_hash[:_HASH_DIGITS]}".strip()[:_LONG_STRING]
