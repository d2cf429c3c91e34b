"""Signatures by signxml and by zeep's WSSE module, which stands on xmlsec.

usage: signatures.py zeep-verify CERTIFICATE < message
       signatures.py zeep-sign KEY CERTIFICATE < envelope
       signatures.py signxml-verify CERTIFICATE REFERENCES < message
       signatures.py signxml-sign KEY CERTIFICATE ID... < message
"""

import sys

from lxml import etree

WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
DS = "http://www.w3.org/2000/09/xmldsig#"


def read(name):
    with open(name, "rb") as file:
        return file.read()


def zeep_verify(certificate, message):
    from zeep.wsse.signature import MemorySignature

    MemorySignature(None, read(certificate)).verify(message)


def zeep_sign(key, certificate, message):
    import xmlsec
    from zeep.wsse.signature import BinarySignature

    signature = BinarySignature(
        key,
        certificate,
        signature_method=xmlsec.Transform.RSA_SHA256,
        digest_method=xmlsec.Transform.SHA256,
    )
    signature.apply(message, {})
    sys.stdout.buffer.write(etree.tostring(message))


def signxml_verify(certificate, references, message):
    from signxml import XMLVerifier

    results = XMLVerifier().verify(
        message, x509_cert=read(certificate).decode(), expect_references=int(references)
    )
    # Of one reference there is one result.
    for result in results if isinstance(results, list) else [results]:
        print(etree.QName(result.signed_xml).localname)


def signxml_sign(key, certificate, ids, message):
    """Signs the elements with these ids and puts the signature where our KeyInfo stands."""
    from signxml import CanonicalizationMethod, SignatureConstructionMethod, XMLSigner

    signer = XMLSigner(
        method=SignatureConstructionMethod.detached,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    signature = signer.sign(
        message, key=read(key), cert=read(certificate).decode(), reference_uri=["#" + id for id in ids]
    )
    ours = message.find(f".//{{{WSSE}}}Security/{{{DS}}}Signature")
    key_info = signature.find(f"{{{DS}}}KeyInfo")
    signature.replace(key_info, ours.find(f"{{{DS}}}KeyInfo"))
    ours.getparent().replace(ours, signature)
    sys.stdout.buffer.write(etree.tostring(message))


def main():
    message = etree.fromstring(sys.stdin.buffer.read())
    match sys.argv[1:]:
        case ["zeep-verify", certificate]:
            zeep_verify(certificate, message)
        case ["zeep-sign", key, certificate]:
            zeep_sign(key, certificate, message)
        case ["signxml-verify", certificate, references]:
            signxml_verify(certificate, references, message)
        case ["signxml-sign", key, certificate, *ids]:
            signxml_sign(key, certificate, ids, message)
        case _:
            sys.exit(__doc__)


main()
