//! The processes: started, told apart, and told of when they die.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use service::store::Location;

use super::balancer::{self, Backend};
use super::points::{Party, Way};
use super::setting::{Parties, Setting};

/// Something that happened to a process.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) slot: usize,
    /// Which of its lives it was in; of an answer that is not known.
    pub(crate) life: u32,
    pub(crate) what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// It listens.
    Ready(SocketAddr),
    /// It has ended.
    Gone,
    /// An answer of it was passed on.
    Answered,
}

/// All processes of the run; they end with this.
pub(crate) struct Cast {
    pub(crate) slots: Vec<Slot>,
    pub(crate) setting: Setting,
    folder: PathBuf,
    events: Receiver<Event>,
    sender: Sender<Event>,
}

/// The place of a process, which one after the other fills.
pub(crate) struct Slot {
    pub(crate) party: Party,
    name: String,
    backend: Arc<Backend>,
    child: Option<Child>,
    life: u32,
    pub(crate) ready: bool,
    /// Whether it may end by itself before it is ready: there was no database meanwhile.
    pub(crate) excused: bool,
    /// How this one is to die.
    pub(crate) way: Way,
    /// How many answers it still lives for.
    pub(crate) fuse: usize,
}

/// A process that is not ready by then never will be.
const DEADLINE: Duration = Duration::from_secs(60);

impl Cast {
    /// Starts every process, with the stores at `location` and all else in `folder`.
    pub(crate) async fn assemble(
        folder: &Path,
        location: &Location,
        secure: bool,
    ) -> Result<Self, String> {
        let (sender, events) = channel();
        let instances = match location {
            Location::Directory(_) => 1,
            Location::Postgres(_) => 2,
        };
        let parties = [
            (Party::Ksd, instances),
            (Party::Platform, 1),
            (Party::Jobcenter, instances),
            (Party::Sts, usize::from(secure)),
        ];
        let mut slots: Vec<Slot> = Vec::new();
        let mut addresses = Vec::new();
        for (party, instances) in parties {
            let mut backends = Vec::new();
            for instance in 0..instances {
                let backend = Arc::new(Backend::new(slots.len()));
                backends.push(Arc::clone(&backend));
                slots.push(Slot {
                    party,
                    name: format!("{party}-{instance}"),
                    backend,
                    child: None,
                    life: 0,
                    ready: false,
                    excused: false,
                    way: Way::Never,
                    fuse: usize::MAX,
                });
            }
            let address = balancer::start(backends, sender.clone()).await;
            addresses.push(address.map_err(|error| format!("the balancer of {party}: {error}"))?);
        }
        let addresses = Parties {
            ksd: addresses[0],
            platform: addresses[1],
            jobcenter: addresses[2],
            sts: addresses[3],
        };
        let setting = Setting::make(folder, location, addresses, secure)?;
        let mut cast = Self {
            slots,
            setting,
            folder: folder.to_owned(),
            events,
            sender,
        };
        cast.revive()?;
        Ok(cast)
    }

    /// The case system's own file.
    pub(crate) fn register(&self) -> PathBuf {
        self.folder.join("register")
    }

    /// The next event, if there is one in time.
    pub(crate) fn event(&mut self, patience: Duration) -> Option<Event> {
        loop {
            let event = match self.events.recv_timeout(patience) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return None,
            };
            let slot = &mut self.slots[event.slot];
            match event.what {
                What::Answered => return Some(event),
                _ if event.life != slot.life => {}
                What::Ready(address) => {
                    (slot.ready, slot.excused) = (true, false);
                    slot.backend.set(Some(address));
                    return Some(event);
                }
                What::Gone => return Some(event),
            }
        }
    }

    /// Kills the process in `slot`, or sees it off where it is dead, and starts another that is to die as `way` says.
    pub(crate) fn replace(
        &mut self,
        slot: usize,
        way: Way,
        count: usize,
    ) -> Result<Option<ExitStatus>, String> {
        let ended = self.end(slot)?;
        let mut command = self.command(slot)?;
        let Slot {
            name, life, child, ..
        } = &mut self.slots[slot];
        match way {
            Way::Point(point, moment) => {
                command.env("SF209X_FAULT", format!("{point}/{moment}={count}"));
            }
            Way::Frozen(point, moment) => {
                command.env("SF209X_FREEZE", format!("{point}/{moment}={count}"));
            }
            Way::Receipt | Way::Anytime | Way::Never => {}
        }
        let mut process = command
            .spawn()
            .map_err(|error| format!("{name} does not start: {error}"))?;
        *life += 1;
        let out = process.stdout.take();
        let (life, sender) = (*life, self.sender.clone());
        *child = Some(process);
        self.slots[slot].way = way;
        self.slots[slot].excused = false;
        std::thread::spawn(move || {
            let tell = |what| {
                let _ = sender.send(Event { slot, life, what });
            };
            let lines = out.into_iter().flat_map(|out| BufReader::new(out).lines());
            let mut address = None;
            for line in lines.map_while(Result::ok) {
                address = address.or_else(|| authority(&line));
                if let ("ready", Some(address)) = (line.as_str(), address) {
                    tell(What::Ready(address));
                }
            }
            tell(What::Gone);
        });
        Ok(ended)
    }

    /// The id of the process in `slot`.
    pub(crate) fn process(&self, slot: usize) -> Option<u32> {
        self.slots[slot].child.as_ref().map(Child::id)
    }

    fn end(&mut self, slot: usize) -> Result<Option<ExitStatus>, String> {
        let slot = &mut self.slots[slot];
        slot.backend.set(None);
        slot.ready = false;
        let Some(mut child) = slot.child.take() else {
            return Ok(None);
        };
        // One that has died by itself cannot be killed, and need not.
        let _ = child.kill();
        let status = child.wait();
        status
            .map(Some)
            .map_err(|error| format!("{}: {error}", slot.name))
    }

    fn command(&self, slot: usize) -> Result<Command, String> {
        let slot = &self.slots[slot];
        let mut command = self.program(&slot.name)?;
        let config = &self.setting.config;
        match slot.party {
            Party::Jobcenter => {
                command.arg("jobcenter").arg(config).arg(self.register());
                return Ok(command);
            }
            Party::Sts => command.arg("sts"),
            Party::Ksd | Party::Platform | Party::Operator => command
                .args(["serve", "--role"])
                .arg(slot.party.to_string().to_lowercase()),
        };
        command
            .args(["--log-format", "json", "--config"])
            .arg(config);
        if !self.setting.secure() && slot.party != Party::Sts {
            command.arg("--insecure");
        }
        Ok(command)
    }

    /// This very program, which writes what it has to say to the log of `name`.
    fn program(&self, name: &str) -> Result<Command, String> {
        let program = std::env::current_exe().map_err(|error| format!("this program: {error}"))?;
        let log = self.folder.join(format!("{name}.log"));
        let log = OpenOptions::new().append(true).create(true).open(&log);
        let log: File = log.map_err(|error| format!("the log of {name}: {error}"))?;
        let mut command = Command::new(program);
        command
            .env_remove("SF209X_FAULT")
            .env_remove("SF209X_FREEZE")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log);
        Ok(command)
    }

    /// Runs `sf209x outbox` with `arguments`, to die as `way` says; how it ended.
    pub(crate) fn operate(&self, arguments: &[&str], way: Way) -> Result<ExitStatus, String> {
        let mut command = self.program("operator")?;
        if let Way::Point(point, moment) = way {
            command.env("SF209X_FAULT", format!("{point}/{moment}=1"));
        }
        let status = command
            .stdout(Stdio::null())
            .arg("outbox")
            .args(arguments)
            .arg("--config")
            .arg(&self.setting.config)
            .status();
        status.map_err(|error| format!("the operator's command: {error}"))
    }

    /// Replaces every process by one that is to live, and waits until all listen.
    pub(crate) fn revive(&mut self) -> Result<(), String> {
        for slot in 0..self.slots.len() {
            self.replace(slot, Way::Never, 0)?;
        }
        let started = Instant::now();
        while let Some(slot) = self.slots.iter().find(|slot| !slot.ready) {
            let name = slot.name.clone();
            let left = DEADLINE.saturating_sub(started.elapsed());
            match self.event(left) {
                None => return Err(format!("{name} does not get ready")),
                Some(Event {
                    what: What::Gone,
                    slot,
                    ..
                }) => return Err(format!("{} ended by itself", self.slots[slot].name)),
                Some(_) => {}
            }
        }
        Ok(())
    }
}

impl Drop for Cast {
    fn drop(&mut self) {
        for slot in 0..self.slots.len() {
            // Whatever is wrong with one, the others are to end.
            let _ = self.end(slot);
        }
    }
}

/// The address in a line such as `EP_JC1 http://127.0.0.1:8092/… (Nord)`.
fn authority(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("://")?;
    rest.split('/').next()?.parse().ok()
}
