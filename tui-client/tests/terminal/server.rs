//! A small server for one client after another: it answers what a script says, and tells the test what it hears.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::WATCHDOG;
use crate::login::Account;

/// What the server does.
#[derive(Clone, Default)]
pub struct House {
    /// Its capabilities, besides `server-time`.
    pub offers: String,
    /// Whom it lets log in.
    pub account: Option<Account>,
}

/// A server.
pub struct Server {
    pub port: u16,
    pub connections: Receiver<TcpStream>,
    heard: Receiver<String>,
    identity: Arc<Mutex<Option<Arc<ServerConfig>>>>,
}

impl Server {
    /// A server in the open.
    pub fn start(house: House) -> Self {
        Self::listen(house, None)
    }

    /// A server under TLS.
    pub fn start_with(house: House, identity: &Identity) -> Self {
        Self::listen(house, Some(identity.config()))
    }

    /// Shows another certificate from now on.
    pub fn shows(&self, identity: &Identity) {
        *self.identity.lock().unwrap() = Some(identity.config());
    }

    /// Blocks until the client has sent a line. Returns what it has sent before.
    pub fn hears(&self, expected: &str) -> Vec<String> {
        let mut others = Vec::new();
        while let Ok(line) = self.heard.recv_timeout(WATCHDOG) {
            if line == expected {
                return others;
            }
            others.push(line);
        }
        panic!("the server never heard {expected:?}, but {others:#?}");
    }

    /// What the client has sent that the test has not asked for yet.
    pub fn heard(&self) -> Vec<String> {
        self.heard.try_iter().collect()
    }

    fn listen(house: House, identity: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heard_sender, heard) = channel();
        let (connection_sender, connections) = channel();
        let identity = Arc::new(Mutex::new(identity));
        let shown = Arc::clone(&identity);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                stream.set_nodelay(true).unwrap();
                if connection_sender.send(stream.try_clone().unwrap()).is_err() {
                    return;
                }
                let (house, heard, identity) =
                    (house.clone(), heard_sender.clone(), shown.lock().unwrap().clone());
                // Whoever looks around before he comes is another client.
                thread::spawn(move || match identity {
                    None => Conversation::new(house, heard).hold(stream, |_| None),
                    Some(config) => {
                        let tls = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
                        let certificate = |tls: &StreamOwned<ServerConnection, TcpStream>| {
                            Some(tls.conn.peer_certificates()?.first()?.to_vec())
                        };
                        Conversation::new(house, heard).hold(tls, certificate);
                    }
                });
            }
        });
        Self { port, connections, heard, identity }
    }
}

/// What was said with one client.
struct Conversation {
    house: House,
    heard: Sender<String>,
    nick: String,
}

impl Conversation {
    fn new(house: House, heard: Sender<String>) -> Self {
        Self { house, heard, nick: "me".to_owned() }
    }

    /// Answers line after line, until the client is gone or does not agree on TLS.
    fn hold<S: Read + Write>(mut self, stream: S, certificate: impl Fn(&S) -> Option<Vec<u8>>) {
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        while stream.read_line(&mut line).is_ok_and(|count| count > 0) {
            let shown = certificate(stream.get_ref());
            let answer = self.answer(line.trim_end(), shown.as_deref());
            // The client may be gone already.
            let _ = stream.get_mut().write_all(format!("{answer}\r\n").as_bytes());
            let _ = stream.get_mut().flush();
            let _ = self.heard.send(line.trim_end().to_owned());
            line.clear();
        }
    }

    fn answer(&mut self, line: &str, certificate: Option<&[u8]>) -> String {
        let nick = self.nick.clone();
        let sasl = if self.house.account.is_some() { " sasl" } else { "" };
        match line.split(' ').collect::<Vec<&str>>()[..] {
            ["CAP", "LS", ..] => format!("CAP * LS :server-time{sasl} {}", self.house.offers),
            ["CAP", "REQ", ..] => format!("CAP * ACK {}", line.trim_start_matches("CAP REQ ")),
            ["CAP", "LIST"] => "CAP * LIST :".to_owned(),
            ["AUTHENTICATE", words] => match &mut self.house.account {
                Some(account) => account.answer(words, certificate),
                None => String::new(),
            },
            ["NICK", "taken"] => ":srv 433 * taken :Nickname is already in use".to_owned(),
            ["NICK", nick] => {
                nick.clone_into(&mut self.nick);
                String::new()
            }
            ["CAP", "END"] => {
                format!(":srv 001 {nick} :Welcome\r\n:srv 005 {nick} CASEMAPPING=ascii :are supported")
            }
            ["JOIN", room] => format!(
                ":{nick}!me@home JOIN {room}\r\n:srv 332 {nick} {room} :Tea at five\r\n\
                 :srv 353 {nick} = {room} :@alice {nick}\r\n:srv 366 {nick} {room} :End\r\n\
                 :alice!a@h PRIVMSG {room} :hello {nick} 日本語 👩 \u{1b}[2J",
            ),
            ["PING", token] => format!(":srv PONG srv {token}"),
            ["QUIT", ..] => "ERROR :bye".to_owned(),
            _ => String::new(),
        }
    }
}

/// A certificate and its key.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: rcgen::KeyPair,
}

impl Identity {
    /// One that nobody vouches for.
    pub fn own() -> Self {
        let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        Self { chain: vec![own.cert.der().clone()], key: own.signing_key }
    }

    /// One for which an authority vouches, and the certificate of that.
    pub fn vouched() -> (Self, String) {
        let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority_key = rcgen::KeyPair::generate().unwrap();
        let root = authority.self_signed(&authority_key).unwrap().pem();
        let issuer = rcgen::Issuer::new(authority, authority_key);
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        (Self { chain: vec![certificate.der().clone()], key }, root)
    }

    /// The certificate itself.
    pub fn certificate(&self) -> &[u8] {
        &self.chain[0]
    }

    /// Certificate and key, as a person keeps his own.
    pub fn pem(&self) -> String {
        let certificate = pem("CERTIFICATE", &self.chain[0]);
        certificate + &self.key.serialize_pem()
    }

    /// Its SHA-256, as people compare it.
    pub fn fingerprint(&self) -> String {
        let digest = ring::digest::digest(&ring::digest::SHA256, &self.chain[0]);
        let bytes: Vec<String> = digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
        bytes.join(":")
    }

    fn config(&self) -> Arc<ServerConfig> {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(Arc::new(Anybody(provider)))
            .with_single_cert(self.chain.clone(), key)
            .unwrap();
        Arc::new(config)
    }
}

fn pem(label: &str, bytes: &[u8]) -> String {
    use base64ct::{Base64, Encoding};
    let text = Base64::encode_string(bytes);
    let rows: Vec<&str> =
        text.as_bytes().chunks(64).map(|row| std::str::from_utf8(row).expect("base64 is ASCII")).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", rows.join("\n"))
}

/// Takes every client's certificate, and clients without one: who it is, is asked later.
#[derive(Debug)]
struct Anybody(Arc<rustls::crypto::CryptoProvider>);

impl ClientCertVerifier for Anybody {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[rustls::DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
