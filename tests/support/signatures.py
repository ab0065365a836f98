"""Keys, certificates and containers for tests, made on the spot; nobody's real signature."""

from __future__ import annotations

import base64
import io
import zipfile
from datetime import UTC, datetime
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

ASICE = "application/vnd.etsi.asic-e+zip"
SERIAL = 0x5E984D526F82F38F
SIGNER = {
    "name": "Вигадана Олена Тестівна",
    "organisation": "ГО «Вигадана»",
    "serial": "5E984D526F82F38F",
    "from": "2026-01-10",
    "until": "2028-01-10",
}


@lru_cache(maxsize=1)
def key_and_certificate() -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """A key with the certificate of a person who does not exist."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "ВИГАДАНА ОЛЕНА"),
            x509.NameAttribute(NameOID.SURNAME, "Вигадана"),
            x509.NameAttribute(NameOID.GIVEN_NAME, "Олена Тестівна"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "ГО «Вигадана»"),
        ]
    )
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(SERIAL).not_valid_before(datetime(2026, 1, 10, tzinfo=UTC))
    return key, builder.not_valid_after(datetime(2028, 1, 10, tzinfo=UTC)).sign(key, SHA256())


def p7s(content: bytes, *, detached: bool = False) -> bytes:
    """A CMS container over the content, which lies inside unless detached."""
    key, certificate = key_and_certificate()
    options = [pkcs7.PKCS7Options.Binary] + ([pkcs7.PKCS7Options.DetachedSignature] if detached else [])
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, SHA256())
    return builder.sign(Encoding.DER, options)


def asice(content: bytes, *, name: str = "заявка.pdf", xml: bool = False) -> bytes:
    """An ASiC-E container with the content and a signature file, CMS or XML."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("mimetype", ASICE)
        archive.writestr(name, content)
        if xml:
            certificate = base64.b64encode(key_and_certificate()[1].public_bytes(Encoding.DER)).decode()
            text = f"<ds:Signature><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:Signature>"
            archive.writestr("META-INF/signatures001.xml", text)
        else:
            archive.writestr("META-INF/signature001.p7s", p7s(content, detached=True))
    return body.getvalue()
