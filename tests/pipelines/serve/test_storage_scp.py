"""Receiving, by another program's C-STORE (pynetdicom's own requestor, dcmtk's storescu)."""

from __future__ import annotations

import dataclasses
import datetime
import ipaddress
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pydicom
import pytest

from resmtnet.pipelines.inference.usage_error import UsageError
from resmtnet.pipelines.serve.c_store import c_store
from resmtnet.pipelines.serve.inbox import Inbox
from resmtnet.pipelines.serve.send_error import SendError
from resmtnet.pipelines.serve.serve_config import Node, Receive, Tls
from resmtnet.pipelines.serve.storage_scp import storage_scp

pytest.importorskip("pynetdicom")
# pynetdicom leaves the sockets of refused associations to the garbage collector; conftest.py calls it
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")
SEG = "1.2.840.10008.5.1.4.1.1.66.4"
KEY = b"0" * 32


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "received", KEY, min_free_bytes=0)


def received(inbox: Inbox) -> list[Path]:
    return sorted(inbox.folder.glob("*/*"))


@pytest.fixture
def receive(free_port) -> Receive:
    return Receive("RESMTNET", free_port(), ("PACS", "OTHER"))


# pynetdicom's shutdown may abort a refused association that is closing already (Evt15 in Sta13), in a thread of its own
@pytest.mark.filterwarnings("ignore:(?s).*InvalidEventError:pytest.PytestUnhandledThreadExceptionWarning")
def test_who_is_allowed_stores_and_others_are_refused(receive, inbox, scan, store_scu):
    with storage_scp(receive, inbox):
        assert store_scu(receive.port, scan[:2], calling="PACS") == [0, 0]
        assert store_scu(receive.port, scan[2:3], calling="STRANGER") == []
        assert store_scu(receive.port, scan[2:3], calling="PACS", called="ANYBODY") == []
    assert store_scu(receive.port, scan[2:3], calling="PACS") == []  # nobody listens any more
    [study] = inbox.studies()
    assert len(inbox.objects(study)) == 2
    stored = [pydicom.dcmread(file) for file in received(inbox)]
    sent = [pydicom.dcmread(file) for file in scan[:2]]
    assert sorted(ds.SOPInstanceUID for ds in stored) == sorted(ds.SOPInstanceUID for ds in sent)
    assert sorted(ds.PixelData for ds in stored) == sorted(ds.PixelData for ds in sent)


def test_dcmtk_stores_in_other_codings(receive, inbox, scan):
    program = shutil.which("storescu")
    if program is None:
        pytest.skip("needs dcmtk's storescu")
    command = [program, "-aet", "PACS", "-aec", "RESMTNET", "-xi", "127.0.0.1", str(receive.port), *map(str, scan[:3])]
    with storage_scp(receive, inbox):
        subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert {pydicom.dcmread(file).file_meta.TransferSyntaxUID for file in received(inbox)} == {"1.2.840.10008.1.2"}
    assert len(received(inbox)) == 3


def changed(file: Path, folder: Path, **values: str) -> Path:
    ds = pydicom.dcmread(file)
    for name, value in values.items():
        setattr(ds, name, value)
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.save_as(folder / "changed.dcm")
    return folder / "changed.dcm"


def test_what_is_no_ct_is_not_taken(receive, inbox, scan, store_scu, tmp_path):
    other = changed(scan[0], tmp_path, SOPClassUID=SEG)
    with storage_scp(receive, inbox), pytest.raises(ValueError, match="presentation context"):
        store_scu(receive.port, [other], calling="PACS")
    assert not inbox.put(other.read_bytes())
    assert received(inbox) == []


def test_an_object_of_no_study_is_refused(receive, inbox, scan, store_scu, tmp_path):
    with storage_scp(receive, inbox):
        nameless = changed(scan[0], tmp_path, StudyInstanceUID="")
        assert store_scu(receive.port, [nameless], calling="PACS") == [0xC000]
        assert store_scu(receive.port, scan[:1], calling="PACS") == [0]


def test_a_full_disk_is_said_and_survived(receive, tmp_path, scan, store_scu):
    full = Inbox(tmp_path / "full", KEY, min_free_bytes=2**80)
    with storage_scp(receive, full):
        assert store_scu(receive.port, scan[:2], calling="PACS") == [0xA700, 0xA700]
    assert received(full) == []


def test_a_port_in_use_is_a_faulty_call(receive, inbox):
    with storage_scp(receive, inbox), pytest.raises(UsageError, match="cannot listen"), storage_scp(receive, inbox):
        pass


def certificate(folder: Path, name: str) -> Tls:
    """A certificate that signs itself, for this machine."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / f"{name}.pem").write_bytes(made.public_bytes(pem))
    (folder / f"{name}.key").write_bytes(key.private_bytes(pem, *plain))
    return Tls(folder / f"{name}.pem", folder / f"{name}.key")


def client(ca: Path, own: Tls | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca)
    if own is not None:
        context.load_cert_chain(own.certificate, own.key)
    return context


def is_let_in(port: int, context: ssl.SSLContext | None) -> bool:
    """Whether the other side goes on listening after the handshake, or hangs up."""
    with socket.create_connection(("127.0.0.1", port), 10) as plain:
        try:
            if context is None:
                plain.sendall(bytes(64))
                return plain.recv(1) != b""
            with context.wrap_socket(plain, server_hostname="127.0.0.1") as secure:
                secure.settimeout(1)
                return secure.recv(1) != b""
        except TimeoutError:
            return True
        except (ssl.SSLError, ConnectionError):
            return False


def test_tls_needs_a_certificate_that_we_know(free_port, inbox, scan, store_scu, tmp_path):
    ours, theirs, strange = (certificate(tmp_path, name) for name in ("ours", "theirs", "strange"))
    tls = Tls(ours.certificate, ours.key, ca=theirs.certificate)
    receive = Receive("RESMTNET", free_port(), ("PACS",), tls=tls)
    known = client(ours.certificate, theirs)
    with storage_scp(receive, inbox):
        assert is_let_in(receive.port, known)
        assert not is_let_in(receive.port, client(ours.certificate, strange))
        assert not is_let_in(receive.port, client(ours.certificate, None))
        assert not is_let_in(receive.port, None)
        assert store_scu(receive.port, scan[:1], calling="PACS", tls=(known, "127.0.0.1")) == [0]
    assert len(received(inbox)) == 1


def test_results_go_to_no_archive_that_cannot_show_who_it_is(free_port, inbox, scan, tmp_path):
    ours, other = certificate(tmp_path, "ours"), certificate(tmp_path, "other")
    receive = Receive("ARCHIVE", free_port(), ("RESMTNET",), tls=ours)
    with storage_scp(receive, inbox):
        node = Node("127.0.0.1", receive.port, "ARCHIVE", tls=Tls(ca=ours.certificate))
        assert list(c_store(node, scan[:1])) == [scan[0]]
        with pytest.raises(SendError):
            list(c_store(dataclasses.replace(node, tls=Tls(ca=other.certificate)), scan[1:2]))
    assert len(received(inbox)) == 1
