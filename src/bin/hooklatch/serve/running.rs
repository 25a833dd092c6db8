//! The process while it serves: its addresses, its reloads, and its end.

use std::{error::Error, net::SocketAddr, pin::pin, process::ExitCode, time::Duration};

use hooklatch::{
    Secret, ServeError, Server, TlsCertificate, explain::Refusals, inspector::Inspector,
};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{
    net::TcpListener,
    task::JoinHandle,
    time::{interval, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    TARGET,
    action::{Client, Means, Printer},
    admin,
    config::{AdminSettings, Config, SecretSetting},
    generation::{Current, Generation, Kept},
    reload::{self, Next, Reload},
    signals::{Signals, Told},
    store::Store,
    watch::Watch,
};

/// Everything that was begun.
pub(super) struct Running {
    /// What it was begun with: what cannot change without a restart is compared with this.
    config: Config,
    listen: Option<SocketAddr>,
    kept: Kept,
    current: Current,
    certificate: Option<TlsCertificate>,
    public: TcpListener,
    admin: Option<Admin>,
    metrics: PrometheusHandle,
    signals: Signals,
    watch: Watch,
}

/// The admin address, and what is behind it.
struct Admin {
    listener: TcpListener,
    token: Option<Secret>,
    inspector: Option<Inspector>,
}

impl Running {
    /// Binds the addresses and opens the store, then makes the first receivers: no delivery is worked on by a process that
    /// cannot listen.
    ///
    /// # Errors
    /// An address cannot be bound, the store not opened, a secret or certificate not read.
    pub(super) async fn begin(
        config: Config,
        listen: Option<SocketAddr>,
        explains: bool,
    ) -> Result<Self, Box<dyn Error>> {
        let signals = Signals::listen()?;
        // Before secrets are read: what changes from now on is noticed.
        let watch = Watch::new(config.files.clone());
        let metrics = admin::count()?;
        let tls = config.server.tls.as_ref();
        let certificate = tls
            .map(|tls| TlsCertificate::from_pem_files(&tls.cert, &tls.key))
            .transpose()?;
        let public = bind(config.server.listen).await?;
        let kept = Kept {
            store: Store::open(&config.store).await?,
            means: Means {
                client: Client::new()?,
                printer: Printer::default(),
            },
            refusals: if explains {
                Refusals::explaining()
            } else {
                Refusals::new()
            },
        };
        let admin = match &config.admin {
            Some(admin) => Some(guarded(admin, &kept).await?),
            None => None,
        };
        let current = Current::new(Generation::new(&config, &kept)?);
        let running = Self {
            config,
            listen,
            kept,
            current,
            certificate,
            public,
            admin,
            metrics,
            signals,
            watch,
        };
        running.tell().await?;
        Ok(running)
    }

    /// Where it receives.
    pub(super) fn url(&self) -> String {
        let scheme = if self.certificate.is_some() {
            "https"
        } else {
            "http"
        };
        match self.public.local_addr() {
            Ok(addr) => format!("{scheme}://{addr}"),
            Err(_) => format!("{scheme}://{}", self.config.server.listen),
        }
    }

    async fn tell(&self) -> Result<(), Box<dyn Error>> {
        reload::tell(&self.config);
        if let Some(admin) = &self.admin {
            let url = format!("http://{}", admin.listener.local_addr()?);
            tracing::info!(target: TARGET, url, "admin");
        }
        let store = self.config.store.name();
        let ready = self.current.health().is_ready();
        tracing::info!(target: TARGET, url = self.url(), store, ready, "receiving");
        Ok(())
    }

    /// Serves until a signal says stop, then drains. 0: it was drained. 1: it was cut by a second signal, or nobody reads the
    /// standard output any more.
    pub(super) async fn until_told(self) -> ExitCode {
        let (stop, over) = (CancellationToken::new(), CancellationToken::new());
        let deadline = self.config.server.drain_deadline.unwrap_or(DRAIN);
        let mut server = self.config.server.server();
        if let Some(certificate) = &self.certificate {
            server = server.tls(certificate);
        }
        let serving = server.run(
            self.public,
            self.current.app(),
            stop.clone().cancelled_owned(),
        );
        let ending = async {
            stop.cancelled().await;
            // A moment less than the connections have: requests whose handlers were cut are still answered.
            let deadline = deadline.saturating_sub(LAST_ANSWERS);
            self.current.retire(deadline).await;
        };
        let upkeep = tokio::spawn(upkeep(self.metrics.clone()));
        let admin = self.admin.map(|admin| {
            let app = admin::app(
                self.current.clone(),
                self.metrics,
                admin.token,
                admin.inspector,
            );
            tokio::spawn(Server::new().run(admin.listener, app, over.clone().cancelled_owned()))
        });
        let attention = Attention {
            signals: self.signals,
            watch: self.watch,
            reload: Reload {
                names: reload::names(&self.config),
                began: self.config,
                listen: self.listen,
                kept: self.kept,
                current: self.current.clone(),
                certificate: self.certificate,
                deadline,
            },
            stop: stop.clone(),
            reading: None,
            is_stale: false,
        };
        let code = attention
            .pay(async { tokio::join!(serving, ending).0 })
            .await;
        upkeep.abort();
        // Last, so that whoever asks during the drain is told that it is not ready.
        over.cancel();
        if let Some(admin) = admin {
            let _ = timeout(LAST_ANSWERS, admin).await;
        }
        code
    }
}

/// What may happen while the server runs.
struct Attention {
    signals: Signals,
    watch: Watch,
    reload: Reload,
    stop: CancellationToken,
    /// A reload that is being read.
    reading: Option<JoinHandle<Next>>,
    /// Whether what is being read may have changed since.
    is_stale: bool,
}

impl Attention {
    /// Until the work ends.
    async fn pay(mut self, work: impl Future<Output = Result<(), ServeError>>) -> ExitCode {
        let mut work = pin!(work);
        let printer = self.reload.kept.means.printer.clone();
        let mut code = ExitCode::SUCCESS;
        loop {
            let stopping = self.stop.is_cancelled();
            tokio::select! {
                served = &mut work => {
                    let Err(error) = served else { return code };
                    tracing::error!(target: TARGET, %error, "cannot serve");
                    return ExitCode::FAILURE;
                }
                told = self.signals.next() => match told {
                    Told::Stop if stopping => {
                        tracing::warn!(target: TARGET, "a second signal, ending at once");
                        self.reload.current.cut();
                        let _ = timeout(LAST_ANSWERS, work).await;
                        return ExitCode::FAILURE;
                    }
                    Told::Stop => {
                        tracing::info!(target: TARGET, "draining");
                        self.stop.cancel();
                    }
                    Told::Reload if stopping => {}
                    Told::Reload => self.read_again(),
                },
                () = self.watch.changed(), if !stopping => self.read_again(),
                next = read(&mut self.reading), if !stopping => self.take(next),
                () = printer.closed(), if !stopping => {
                    tracing::error!(target: TARGET, "nobody reads the standard output any more: draining");
                    code = ExitCode::FAILURE;
                    self.stop.cancel();
                }
            }
        }
    }

    fn read_again(&mut self) {
        if self.reading.is_some() {
            self.is_stale = true;
        } else {
            self.reading = Some(self.reload.read());
        }
    }

    fn take(&mut self, next: Next) {
        if let Some(files) = self.reload.take(next) {
            self.watch.turn_to(files);
        }
        if std::mem::take(&mut self.is_stale) {
            self.read_again();
        }
    }
}

/// What was read, once something is. Never, where nothing is being read or its reading panicked.
async fn read(reading: &mut Option<JoinHandle<Next>>) -> Next {
    if let Some(handle) = reading {
        let read = handle.await;
        *reading = None;
        if let Ok(next) = read {
            return next;
        }
    }
    std::future::pending().await
}

/// Binds the admin address: one that others can reach needs a token, and the inspector a long one.
async fn guarded(admin: &AdminSettings, kept: &Kept) -> Result<Admin, Box<dyn Error>> {
    let token = admin.token.as_ref().map(SecretSetting::secret);
    let token = token.transpose()?;
    if token.is_none() && !admin.listen.ip().is_loopback() {
        let addr = admin.listen;
        return Err(format!("the admin address {addr} is not loopback: it needs a token").into());
    }
    let inspector = kept.store.operate().map(|store| {
        let inspector = Inspector::new(store).refusals(kept.refusals.clone());
        match &token {
            Some(token) => inspector.token(token.clone()),
            None => inspector,
        }
    });
    if let Some(inspector) = &inspector {
        inspector.check_address(admin.listen)?;
    }
    Ok(Admin {
        listener: bind(admin.listen).await?,
        token,
        inspector,
    })
}

async fn bind(addr: SocketAddr) -> Result<TcpListener, Box<dyn Error>> {
    let listener = TcpListener::bind(addr).await;
    listener.map_err(|error| format!("cannot listen on {addr}: {error}").into())
}

/// Empties what the recorder gathers, also where nobody asks for it.
async fn upkeep(metrics: PrometheusHandle) {
    let mut every = interval(UPKEEP);
    loop {
        every.tick().await;
        metrics.run_upkeep();
    }
}

/// As the library's server has it.
const DRAIN: Duration = Duration::from_secs(25);
/// How long requests have to answer once their handlers were cut.
const LAST_ANSWERS: Duration = Duration::from_secs(1);
const UPKEEP: Duration = Duration::from_secs(5);
