//! The seven messages of the demo, built through the typed contract. All persons and numbers are made up: month 31 has no birthdays.

use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};
use generated::sygefravaer::{
    AfslutData, AfslutRequest, ArbejdsgiverProduktionsenhed, CprNummer, CvrNummer,
    GenoptagetArbejde, Header, Maalgruppe, OpdaterLoenmodtagerData, OpdaterLoenmodtagerRequest,
    OpdaterOphoerData, OpdaterOphoerRequest, OpdaterPensionskodeData, OpdaterPensionskodeRequest,
    OpdaterSelvstaendigData, OpdaterSelvstaendigRequest, OpdaterStatusData, OpdaterStatusRequest,
    OphoersAarsagKode, OpretData, OpretRequest, Pensionskode, PersonObjektType,
    ProduktionsenhedObjektType, SagsartKode, SygemeldtePart,
};
use soap::Rule;
use uuid::Uuid;

use crate::message::Message;

/// How many messages there are.
pub(crate) const COUNT: usize = 7;

/// One message of each operation, for the two municipalities in turn.
pub(crate) fn seven(municipalities: [&str; 2]) -> Result<[Message; COUNT], Rule> {
    let [a, b] = municipalities;
    Ok([
        opret(header(a, "3131000001")?)?,
        opdater_selvstaendig(header(b, "3131000002")?)?,
        opdater_loenmodtager(header(a, "3131000003")?)?,
        opdater_pensionskode(header(b, "3131000004")?),
        opdater_ophoer(header(a, "3131000005")?)?,
        afslut(header(b, "3131000006")?)?,
        opdater_status(header(a, "3131000007")?)?,
    ])
}

/// The system of KSD's that registers them.
pub(super) const SYSTEM: Uuid = Uuid::from_u128(0x5f2090a0_51b7_4c1e_9d0a_0000000000a1);

fn header(municipality: &str, person: &str) -> Result<Header, Rule> {
    let now = DateTime::<Utc>::from(SystemTime::now()).to_rfc3339_opts(SecondsFormat::Micros, true);
    Ok(Header {
        transaktion_identifikator: fresh(),
        besked_forsendelses_dato_tid: now.parse()?,
        registrering_fra_dato_tid: now.parse()?,
        registrering_it_system: SYSTEM.into(),
        registrering_bruger: None,
        udgiver_type_kode: None,
        myndighed: municipality.parse::<CvrNummer>()?,
        sygemeldte_part: SygemeldtePart {
            objekt_type: PersonObjektType::Person,
            reference_id: person.parse::<CprNummer>()?,
        },
        arbejdsgiver_part: "90000027".parse()?,
        arbejdsgiver_produktionsenhed: Some(ArbejdsgiverProduktionsenhed {
            objekt_type: ProduktionsenhedObjektType::Produktionsenhed,
            reference_id: "9000000035".parse()?,
        }),
        nem_refusion_identifier: None,
        sag_identifikator: Some(fresh()),
        jobcenter_sag_id: None,
        kmd_sag_identifikator: None,
        kmd_delsag_identifikator: None,
        forretning_haendelse_dato_tid: now.parse()?,
        foerste_fravaersdag: "2026-02-09".parse()?,
    })
}

fn fresh() -> soap::Uuid {
    Uuid::new_v4().into()
}

fn opret(header: Header) -> Result<Message, Rule> {
    let opret = OpretData {
        sagsart: SagsartKode::EfterArbejdsgiverperiodenLoenmodtagere,
        sustenance_system_case_type_identifier: "11".to_owned(),
        maalgruppe: Maalgruppe::LoenmodtagerMedLoen,
        revurderings_tidspunkt: "2026-08-10".parse()?,
        ophoers_aarsag: OphoersAarsagKode::VarighedBeregnetAfKsd,
        pensionskode: None,
        brugt_fortrydelsesret: false,
        loenstop_dato: None,
    };
    Ok(Message::Opret(OpretRequest {
        call_context: None,
        authority_context: None,
        header,
        opret,
    }))
}

fn opdater_selvstaendig(header: Header) -> Result<Message, Rule> {
    let opdater_selvstaendig = OpdaterSelvstaendigData {
        nedsat_dagpenge_procent: "50".parse()?,
        nedsaettelses_dato: "2026-03-09".parse()?,
    };
    let request = OpdaterSelvstaendigRequest {
        call_context: None,
        authority_context: None,
        header,
        opdater_selvstaendig,
    };
    Ok(Message::OpdaterSelvstaendig(request))
}

fn opdater_loenmodtager(header: Header) -> Result<Message, Rule> {
    let week = |number: &str| -> Result<GenoptagetArbejde, Rule> {
        Ok(GenoptagetArbejde {
            genoptaget_timer: "18".parse()?,
            genoptaget_minutter: "30".parse()?,
            ugenummer: number.parse()?,
        })
    };
    let opdater_loenmodtager = OpdaterLoenmodtagerData {
        genoptaget_arbejde: vec![week("11")?, week("12")?],
    };
    let request = OpdaterLoenmodtagerRequest {
        call_context: None,
        authority_context: None,
        header,
        opdater_loenmodtager,
    };
    Ok(Message::OpdaterLoenmodtager(request))
}

fn opdater_pensionskode(header: Header) -> Message {
    let opdater_pensionskode = OpdaterPensionskodeData {
        pensionskode: Some(Pensionskode::IkkePensionist),
    };
    let request = OpdaterPensionskodeRequest {
        call_context: None,
        authority_context: None,
        header,
        opdater_pensionskode,
    };
    Message::OpdaterPensionskode(request)
}

fn opdater_ophoer(header: Header) -> Result<Message, Rule> {
    let opdater_ophoer = OpdaterOphoerData {
        loenstop_dato: "2026-06-30".parse()?,
    };
    let request = OpdaterOphoerRequest {
        call_context: None,
        authority_context: None,
        header,
        opdater_ophoer,
    };
    Ok(Message::OpdaterOphoer(request))
}

fn afslut(header: Header) -> Result<Message, Rule> {
    let afslut = AfslutData {
        ophoers_dato: "2026-04-01".parse()?,
        ophoers_aarsag: OphoersAarsagKode::RaskmeldingFraBorger,
    };
    Ok(Message::Afslut(AfslutRequest {
        call_context: None,
        authority_context: None,
        header,
        afslut,
    }))
}

fn opdater_status(header: Header) -> Result<Message, Rule> {
    let opdater_status = OpdaterStatusData {
        bevillingslut: "2026-09-30".parse()?,
        ophoers_aarsag: OphoersAarsagKode::TidsbegraensetForlaengelse,
    };
    let request = OpdaterStatusRequest {
        call_context: None,
        authority_context: None,
        header,
        opdater_status,
    };
    Ok(Message::OpdaterStatus(request))
}
