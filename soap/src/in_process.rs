//! A client and a service in one process, with all of the wire between them but the wire.

use std::fmt;

use crate::client::{Reply, Request, Transport, TransportError};
use crate::fault::Undeclared;
use crate::operation::Version;
use crate::server::{Service, handle};
use crate::xml::Limits;

/// A transport that hands requests to a service as octets, without a socket. For tests.
///
/// `context` makes the context of each call.
#[derive(Clone)]
pub struct InProcess<S, C> {
    service: S,
    context: C,
    version: Version,
    limits: Limits,
}

impl<S: Service, C: Fn() -> S::Context + Send + Sync> InProcess<S, C> {
    /// A transport to `service` that speaks SOAP 1.1 with the default limits.
    pub fn new(service: S, context: C) -> Self {
        Self {
            service,
            context,
            version: Version::Soap11,
            limits: Limits::default(),
        }
    }

    /// Speaking this version of SOAP.
    #[must_use]
    pub fn with_version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// With these limits, both ways.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

impl<S: Service, C: Fn() -> S::Context + Send + Sync> Transport for InProcess<S, C> {
    async fn send(&self, request: Request<'_>) -> Result<Reply, TransportError> {
        let action = Some(request.operation.action);
        let answer = handle(
            &self.service,
            request.body.as_bytes(),
            action,
            (self.context)(),
            &self.limits,
        )
        .await;
        let body = match answer {
            Ok(answer) => answer.body,
            Err(rejection) => rejection.fault::<Undeclared>().write(rejection.version()),
        };
        Ok(Reply {
            body: body.into_bytes(),
        })
    }

    fn version(&self) -> Version {
        self.version
    }

    fn limits(&self) -> Limits {
        self.limits
    }
}

impl<S, C> fmt::Debug for InProcess<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcess")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
