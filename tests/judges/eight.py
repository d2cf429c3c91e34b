"""Loads the served contracts of all four endpoints with zeep and calls every operation; prints a line a call.

Arguments: the URLs of EP_FS1, EP_JC1, EP_JC2 and EP_FS2, a municipality that is served, and the TransaktionIdentifikator of a
message that KSD waits for.
"""

import datetime
import decimal
import sys
import uuid

import zeep

fs1, jc1, jc2, fs2, municipality, known = sys.argv[1:]
day = datetime.date(2026, 8, 10)
now = datetime.datetime(2026, 3, 2, 9, 15, 27, 123456, datetime.timezone.utc)


def header(transaction=None):
    return {
        "TransaktionIdentifikator": transaction or str(uuid.uuid4()),
        "BeskedForsendelsesDatoTid": now,
        "RegsitreringFraDatoTid": now,
        "RegistreringITsystem": "5f2090a0-51b7-4c1e-9d0a-0000000000a1",
        "UdgiverTypeKode": "01",
        "Myndighed": municipality,
        "SygemeldtePart": {"ObjektType": "Person", "ReferenceID": "3113850000"},
        "ArbejdsgiverPart": "90000027",
        "ArbejdsgiverProduktionsenhed": {"ObjektType": "Produktionsenhed", "ReferenceID": "9000000035"},
        "JobcenterSagID": "Æblegrød & <fløde>",
        "ForretningHaendelseDatoTid": now,
        "FoersteFravaersdag": day,
    }


bodies = {
    "Opret": {
        "Sagsart": "11",
        "SustenanceSystemCaseTypeIdentifierType": "11",
        "Maalgruppe": "1",
        "RevurderingsTidspunkt": day,
        "OphoersAarsag": "60",
        "BrugtFortrydelsesret": False,
    },
    "OpdaterSelvstaendig": {"NedsatDagpengeProcent": decimal.Decimal(50), "NedsaettelsesDato": day},
    "OpdaterLoenmodtager": {
        "GenoptagetArbejde": [
            {"GenoptagetTimer": 18, "GenoptagetMinutter": 30, "Ugenummer": 11},
            {"GenoptagetTimer": 37, "GenoptagetMinutter": 0, "Ugenummer": 12},
        ]
    },
    "OpdaterPensionskode": {"Pensionskode": "2"},
    "OpdaterOphoer": {"LoenstopDato": day},
    "Afslut": {"OphoersDato": day, "OphoersAarsag": "1"},
    "OpdaterStatus": {"Bevillingslut": day, "OphoersAarsag": "62"},
}
authority = {"AuthorityContext": {"MunicipalityCVR": municipality}}


def told(endpoint, operation, response):
    receipt = response["TransportKvittering"] if "TransportKvittering" in response else response
    print(endpoint, operation, receipt["TransportValideringsKode"])


def seven(endpoint, url, context):
    service = zeep.Client(url + "?wsdl").service
    for operation, body in bodies.items():
        # The name of the element is that of the operation.
        told(endpoint, operation, service[operation](Header=header(), **{operation: body}, **context))


seven("EP_FS1", fs1, {})
seven("EP_JC1", jc1, authority)

answer = {"ForretningsValideringsKode": "AFLEVERET"}
service = zeep.Client(jc2 + "?wsdl").service
response = service.SendForretningsSvar(Header=header(known), Forretningkvittering=answer, **authority)
told("EP_JC2", "SendForretningsSvar", response)

answer = {
    "ForretningsValideringsKode": "FEJLET",
    "Begrundelse": "Æ",
    "FejlListe": {"Fejl": [{"FejlKode": "007", "FejlTekst": "tekst"}]},
}
service = zeep.Client(fs2 + "?wsdl").service
response = service.ModtagForretningsSvar(Header=header(known), Forretningkvittering=answer)
told("EP_FS2", "ModtagForretningsSvar", response)

# A refusal is a fault that zeep can read, its declared detail included.
try:
    zeep.Client(fs1 + "?wsdl").service.Opret(Header=dict(header(), Myndighed="90000009"), Opret=bodies["Opret"])
    sys.exit("an unknown municipality was accepted")
except zeep.exceptions.Fault as fault:
    print("EP_FS1", "Opret", fault.code.split(":")[-1], fault.detail.findtext(".//{*}ErrorCode"))
