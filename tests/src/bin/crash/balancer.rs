//! What stands before the processes of a party: one address, whichever of them live.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::cast::{Event, What};

/// One process, and where it listens while it lives.
#[derive(Debug)]
pub(crate) struct Backend {
    pub(crate) slot: usize,
    address: Mutex<Option<SocketAddr>>,
}

impl Backend {
    pub(crate) const fn new(slot: usize) -> Self {
        Self {
            slot,
            address: Mutex::new(None),
        }
    }

    pub(crate) fn set(&self, address: Option<SocketAddr>) {
        *self.address.lock().unwrap_or_else(PoisonError::into_inner) = address;
    }

    fn get(&self) -> Option<SocketAddr> {
        *self.address.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves `backends` in turn at the address that is returned, and tells of each answer that has been passed on.
pub(crate) async fn start(
    backends: Vec<Arc<Backend>>,
    events: Sender<Event>,
) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        for turn in 0.. {
            // A connection that is gone before it is taken up concerns nobody.
            if let Ok((caller, _)) = listener.accept().await {
                let mut backends = backends.clone();
                let turn = turn % backends.len();
                backends.rotate_left(turn);
                tokio::spawn(connect(caller, backends, events.clone()));
            }
        }
    });
    Ok(address)
}

/// Joins `caller` to the first of `backends` that is there; where none is, it is hung up on.
async fn connect(caller: TcpStream, backends: Vec<Arc<Backend>>, events: Sender<Event>) {
    for backend in backends {
        let Some(address) = backend.get() else {
            continue;
        };
        if let Ok(server) = TcpStream::connect(address).await {
            join(caller, server, backend.slot, &events).await;
            return;
        }
    }
}

/// Carries octets both ways until one side ends.
async fn join(mut caller: TcpStream, mut server: TcpStream, slot: usize, events: &Sender<Event>) {
    let (mut from_caller, mut to_caller) = caller.split();
    let (mut from_server, mut to_server) = server.split();
    let requests = tokio::io::copy(&mut from_caller, &mut to_server);
    let answers = async {
        let mut octets = vec![0; 1 << 16];
        loop {
            match from_server.read(&mut octets).await {
                Ok(count @ 1..) => to_caller.write_all(&octets[..count]).await?,
                ended => return ended.map(drop),
            }
            // At the end of the run nobody listens.
            let what = What::Answered;
            let _ = events.send(Event {
                slot,
                life: 0,
                what,
            });
        }
    };
    tokio::select! {
        _ = requests => {}
        _ = answers => {}
    }
}
