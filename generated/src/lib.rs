//! The contracts of SF2090, as Rust.
//!
//! Everything here but this page is emitted from `wsdl/` when the crate is built: change the contract, build, and the
//! compiler lists what no longer fits it. `cargo run -p sf209x-codegen -- emit --out DIR` writes the same text to look at.
//!
//! # Example
//!
//! A system that takes part implements the trait of a port type and hands it to the server of the service; a peer calls it
//! through the client. Here they meet in one process:
//!
//! ```
//! use generated::kmd::{
//!     KsdSygefravaer, KsdSygefravaerServiceClient, KsdSygefravaerServiceServer, ModtagForretningsSvarRequest,
//!     ModtagForretningsSvarResponse, ServiceplatformFault, SygefravaerResponse, TransportKvittering,
//!     TransportValideringsKode,
//! };
//!
//! struct Ksd;
//!
//! impl KsdSygefravaer for Ksd {
//!     type Context = ();
//!
//!     async fn modtag_forretnings_svar(
//!         &self,
//!         request: ModtagForretningsSvarRequest,
//!         (): (),
//!     ) -> Result<ModtagForretningsSvarResponse, soap::Fault<ServiceplatformFault>> {
//!         // Prints with the CPR number masked.
//!         println!("{:?}", request.header);
//!         let kvittering = TransportKvittering {
//!             transport_validerings_kode: TransportValideringsKode::Ok,
//!             begrundelse: None,
//!             fejl_liste: None,
//!         };
//!         Ok(ModtagForretningsSvarResponse {
//!             sygefravaer_response: SygefravaerResponse { transport_kvittering: kvittering },
//!         })
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let body = r#"<k:ModtagForretningsSvarRequest xmlns:k="http://kmd.dk/ksd/serviceplatform/jobcenter/ksdsygefravaerservice">
//!     <Header>
//!         <TransaktionIdentifikator>5f0c5e0e-3a52-4d53-9a57-6f5d1a2b3c4d</TransaktionIdentifikator>
//!         <BeskedForsendelsesDatoTid>2026-11-23T08:00:00+01:00</BeskedForsendelsesDatoTid>
//!         <RegsitreringFraDatoTid>2026-11-23T07:59:59.1234567Z</RegsitreringFraDatoTid>
//!         <RegistreringITsystem>0b9d2f5a-7c1e-4f60-8a3b-2c4d5e6f7081</RegistreringITsystem>
//!         <Myndighed>99000001</Myndighed>
//!         <SygemeldtePart><ObjektType>Person</ObjektType><ReferenceID>9999999999</ReferenceID></SygemeldtePart>
//!         <ArbejdsgiverPart>99000002</ArbejdsgiverPart>
//!         <ForretningHaendelseDatoTid>2026-11-20T12:00:00</ForretningHaendelseDatoTid>
//!         <FoersteFravaersdag>2026-11-19</FoersteFravaersdag>
//!     </Header>
//!     <Forretningkvittering><ForretningsValideringsKode>MODTAGET</ForretningsValideringsKode></Forretningkvittering>
//! </k:ModtagForretningsSvarRequest>"#;
//! let limits = soap::Limits::default();
//! let request = generated::kmd::elements::MODTAG_FORRETNINGS_SVAR_REQUEST.read(body.as_bytes(), &limits)?;
//! let transport = soap::InProcess::new(KsdSygefravaerServiceServer::new(Ksd), || ());
//! let client = KsdSygefravaerServiceClient::new(transport);
//! let response = client.modtag_forretnings_svar(&request).await?;
//! let receipt = response.sygefravaer_response.transport_kvittering;
//! assert_eq!(receipt.transport_validerings_kode.code(), "OK");
//! # Ok(())
//! # }
//! ```
//!
//! What the contract does not allow cannot be made, and says why:
//!
//! ```
//! use generated::sygefravaer::{CvrNummer, Ugenummer};
//!
//! assert!("99000001".parse::<CvrNummer>().is_ok());
//! assert!("9900000A".parse::<CvrNummer>().is_err());
//! assert_eq!(Ugenummer::try_from(54).unwrap_err().id(), "max-inclusive");
//! ```
//!
//! # Map
//!
//! | module | endpoints | serves | calls |
//! |---|---|---|---|
//! | [`sygefravaer`] | EP_FS1, EP_JC1 | Serviceplatformen, the Jobcenter | KSD, Serviceplatformen |
//! | [`ksd_sygefravaer`] | EP_JC2 | Serviceplatformen | the Jobcenter |
//! | [`kmd`] | EP_FS2 | KSD | Serviceplatformen |
//! | [`serviceplatformen`] | | what the contracts of the platform share: contexts, receipts, faults | |
//!
//! # Invariants
//!
//! - Nothing is written by hand: the crate is `build.rs` and this page.
//! - A value of a type here is one that the contract allows; what it does not allow cannot be made.
//! - Values of the types that hold personal data print masked.

include!(concat!(env!("OUT_DIR"), "/contracts.rs"));
