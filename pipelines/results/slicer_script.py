"""``open_in_slicer.py``: a script for 3D Slicer that opens the results of a case."""

from __future__ import annotations

from ..records import CaseResult, Volume

_SCRIPT = b'''"""Open these results in 3D Slicer: Slicer --python-script open_in_slicer.py [SCAN]

SCAN is the folder of the DICOM series or the volume file that was evaluated; without it, nodules and axes stand alone.
In Slicer's own Python console: exec(open("open_in_slicer.py").read()), with the folder of this file as the working
directory and, if wanted, SCAN = "..." before. Research use only. Not a medical device.
"""

import os
import sys

import slicer

_file = globals().get("__file__", "")
HERE = os.path.dirname(os.path.abspath(_file)) if _file.endswith("open_in_slicer.py") else os.getcwd()


def open_scan(scan):
    """Load a volume file, or every series of a DICOM folder (through a database of its own, left as it was)."""
    if not os.path.isdir(scan):
        return [slicer.util.loadVolume(scan)]
    from DICOMLib import DICOMUtils

    nodes = []
    with DICOMUtils.TemporaryDICOMDatabase() as database:
        DICOMUtils.importDicom(scan, database)
        for patient in database.patients():
            nodes += [slicer.util.getNode(name) for name in DICOMUtils.loadPatientByUID(patient)]
    return nodes


def open_results(folder, scan=None):
    """Load what there is of scan, outlines (as a segmentation) and axes; return the names of what was loaded."""
    loaded = []
    if scan:
        volumes = open_scan(scan)
        slicer.util.setSliceViewerLayers(background=volumes[0], fit=True)
        loaded.append("scan")
    nodules = os.path.join(folder, "nodules.nii.gz")
    if os.path.isfile(nodules):
        slicer.util.loadSegmentation(nodules)
        loaded.append("nodules.nii.gz")
    markups = os.path.join(folder, "markups.mrk.json")
    if os.path.isfile(markups):
        slicer.util.loadMarkups(markups)
        loaded.append("markups.mrk.json")
    return loaded


print("loaded: " + ", ".join(open_results(HERE, globals().get("SCAN") or (sys.argv[1] if len(sys.argv) > 1 else None))))
'''


def slicer_script(result: CaseResult, volume: Volume | None) -> bytes | None:
    """Encode the script; it names no path of the input and is the same for every case. None without findings."""
    return _SCRIPT if result.findings else None
