//! The requests as one would write them by hand for serde and quick-xml: the same shape, every value a string, nothing
//! checked.

use serde::Deserialize;

/// A SOAP envelope around a request.
#[derive(Deserialize)]
pub(crate) struct Envelope<T> {
    #[serde(rename = "Body")]
    pub(crate) body: T,
}

macro_rules! like {
    ($($name:ident { $($field:ident: $type:ty = $element:literal,)+ })+) => {$(
        #[derive(Deserialize)]
        #[expect(dead_code, reason = "what counts is that it is read")]
        pub(crate) struct $name {
            $(#[serde(rename = $element)] $field: $type,)+
        }
    )+};
}

type Text = String;
type Maybe = Option<String>;

like! {
    Opret { request: Request<OpretData> = "OpretRequest", }
    OpdaterSelvstaendig { request: Request<SelvstaendigData> = "OpdaterSelvstaendigRequest", }
    OpdaterLoenmodtager { request: Request<LoenmodtagerData> = "OpdaterLoenmodtagerRequest", }
    OpdaterPensionskode { request: Request<PensionskodeData> = "OpdaterPensionskodeRequest", }
    OpdaterOphoer { request: Request<OphoerData> = "OpdaterOphoerRequest", }
    Afslut { request: Request<AfslutData> = "AfslutRequest", }
    OpdaterStatus { request: Request<StatusData> = "OpdaterStatusRequest", }

    SendForretningsSvar { request: Answer = "SendForretningsSvarRequest", }
    ModtagForretningsSvar { request: Answer = "ModtagForretningsSvarRequest", }

    Answer { header: Header = "Header", kvittering: Kvittering = "Forretningkvittering", }
    Kvittering { kode: Text = "ForretningsValideringsKode", }
    Header {
        transaktion: Text = "TransaktionIdentifikator",
        afsendt: Text = "BeskedForsendelsesDatoTid",
        registreret: Text = "RegsitreringFraDatoTid",
        it_system: Text = "RegistreringITsystem",
        bruger: Maybe = "RegistreringBruger",
        udgiver: Maybe = "UdgiverTypeKode",
        myndighed: Text = "Myndighed",
        sygemeldt: Part = "SygemeldtePart",
        arbejdsgiver: Text = "ArbejdsgiverPart",
        enhed: Option<Part> = "ArbejdsgiverProduktionsenhed",
        nem_refusion: Maybe = "NemRefusionIdentifier",
        sag: Maybe = "SagIdentifikator",
        jobcenter_sag: Maybe = "JobcenterSagID",
        kmd_sag: Maybe = "KMDSagIdentifikator",
        kmd_delsag: Maybe = "KMDDelsagIdentifikator",
        haendelse: Text = "ForretningHaendelseDatoTid",
        fravaersdag: Text = "FoersteFravaersdag",
    }
    Part { art: Text = "ObjektType", reference: Text = "ReferenceID", }
    OpretData {
        sagsart: Text = "Sagsart",
        sagstype: Text = "SustenanceSystemCaseTypeIdentifierType",
        maalgruppe: Text = "Maalgruppe",
        revurdering: Text = "RevurderingsTidspunkt",
        ophoer: Text = "OphoersAarsag",
        pension: Maybe = "Pensionskode",
        fortrudt: Text = "BrugtFortrydelsesret",
        loenstop: Maybe = "LoenstopDato",
    }
    SelvstaendigData { procent: Text = "NedsatDagpengeProcent", dato: Text = "NedsaettelsesDato", }
    LoenmodtagerData { arbejde: Vec<Arbejde> = "GenoptagetArbejde", }
    Arbejde {
        timer: Text = "GenoptagetTimer",
        minutter: Text = "GenoptagetMinutter",
        uge: Text = "Ugenummer",
    }
    PensionskodeData { pension: Maybe = "Pensionskode", }
    OphoerData { loenstop: Text = "LoenstopDato", }
    AfslutData { dato: Text = "OphoersDato", ophoer: Text = "OphoersAarsag", }
    StatusData { slut: Text = "Bevillingslut", ophoer: Text = "OphoersAarsag", }
}

/// A request: the header, and the operation's own data under the operation's name.
#[derive(Deserialize)]
#[expect(dead_code, reason = "what counts is that it is read")]
pub(crate) struct Request<D> {
    #[serde(rename = "Header")]
    header: Header,
    #[serde(
        alias = "Opret",
        alias = "OpdaterSelvstaendig",
        alias = "OpdaterLoenmodtager",
        alias = "OpdaterPensionskode",
        alias = "OpdaterOphoer",
        alias = "Afslut",
        alias = "OpdaterStatus"
    )]
    data: D,
}
