//! Stopping: one says it, all who wait hear it.

use tokio::sync::watch;

/// Tells all holders of its [`Stop`] to stop; dropping it does the same.
#[derive(Debug)]
pub struct Stopper {
    sender: watch::Sender<bool>,
}

/// Waits for its [`Stopper`]; clones wait for the same one.
#[derive(Clone, Debug)]
pub struct Stop {
    receiver: watch::Receiver<bool>,
}

impl Stopper {
    /// A stopper and what waits for it.
    pub fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(false);
        (Self { sender }, Stop { receiver })
    }

    /// Stops all who wait.
    pub fn stop(&self) {
        self.sender.send_replace(true);
    }
}

impl Stop {
    /// Returns once the stopper has spoken or is gone.
    pub async fn stopped(mut self) {
        // An error says that the stopper is gone, which means the same.
        let _ = self.receiver.wait_for(|stopped| *stopped).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stop_reaches_every_clone() {
        let (stopper, stop) = Stopper::new();
        let other = stop.clone();
        stopper.stop();
        stop.stopped().await;
        other.stopped().await;
    }
}
