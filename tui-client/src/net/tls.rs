//! TLS by rustls: the platform's roots, certificates that a person has pinned, and certificates of one's own.
//!
//! The cryptography is ring's: it builds with a C compiler alone.

use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme};

/// Whose certificate is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trusted {
    /// The fingerprint that a person has agreed to: then no other certificate is taken, whoever vouches for it.
    pub pin: Option<String>,
    /// Whether the platform has to vouch in any case: the server has promised to be verifiable (STS).
    pub strict: bool,
}

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Failed {
    /// The network or the server has failed.
    Io(io::Error),
    /// The certificate is not taken.
    Unknown(Unknown),
}

/// A certificate that is not taken.
#[derive(Clone, Debug)]
pub(super) struct Unknown {
    pub fingerprint: String,
    /// What is wrong with it.
    pub why: String,
    /// Whether the platform vouches for it all the same: then it is only not the one that was agreed to.
    pub vouched: bool,
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Agrees on TLS over a connection that stands, until a moment.
pub(super) fn agree(
    stream: &mut TcpStream,
    host: &str,
    trusted: &Trusted,
    certificate: Option<&Path>,
    until: Instant,
) -> Result<ClientConnection, Failed> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Arc::new(Verifier::new(trusted, &provider));
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&verifier) as Arc<dyn ServerCertVerifier>);
    let config = match certificate {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let (chain, key) = own_certificate(path)
                .map_err(|why| io::Error::other(format!("{}: {why}", path.display())))?;
            builder.with_client_auth_cert(chain, key).map_err(io::Error::other)?
        }
    };
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let mut tls = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    match shake_hands(&mut tls, stream, until) {
        Ok(()) => Ok(tls),
        Err(error) => Err(match verifier.unknown.lock().expect("nobody panics with it").take() {
            Some(unknown) => Failed::Unknown(unknown),
            None => Failed::Io(error),
        }),
    }
}

fn shake_hands(tls: &mut ClientConnection, stream: &mut TcpStream, until: Instant) -> io::Result<()> {
    while tls.is_handshaking() || tls.wants_write() {
        if Instant::now() > until {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "TLS is not agreed on in time"));
        }
        if tls.wants_write() {
            tls.write_tls(stream)?;
            continue;
        }
        if tls.read_tls(stream)? == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server has hung up during TLS"));
        }
        if let Err(error) = tls.process_new_packets() {
            // The server is told why as far as it listens.
            let _ = tls.write_tls(stream);
            return Err(io::Error::other(format!("TLS: {error}")));
        }
    }
    Ok(())
}

fn own_certificate(
    path: &Path,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), rustls::pki_types::pem::Error> {
    let chain = CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>()?;
    Ok((chain, PrivateKeyDer::from_pem_file(path)?))
}

/// The SHA-256 of a certificate, as people compare it.
pub(super) fn fingerprint(certificate: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, certificate);
    let mut text = String::new();
    for byte in digest.as_ref() {
        let colon = if text.is_empty() { "" } else { ":" };
        write!(text, "{colon}{byte:02X}").expect("a string takes everything");
    }
    text
}

#[derive(Debug)]
struct Verifier {
    // None if the platform has no roots at all.
    platform: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
    trusted: Trusted,
    unknown: Mutex<Option<Unknown>>,
}

impl Verifier {
    fn new(trusted: &Trusted, provider: &Arc<CryptoProvider>) -> Self {
        let mut roots = RootCertStore::empty();
        // A root that cannot be read vouches for nobody; the others still do.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let platform =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build().ok();
        let provider = Arc::clone(provider);
        Self { platform, provider, trusted: trusted.clone(), unknown: Mutex::new(None) }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let unknown = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let verified = match &self.platform {
            Some(platform) => platform.verify_server_cert(certificate, others, name, ocsp, now),
            None => Err(unknown.clone()),
        };
        let fingerprint = fingerprint(certificate);
        let agreed = self.trusted.pin.as_ref().map(|pin| *pin == fingerprint);
        let error = match (agreed, verified) {
            (Some(true), _) if !self.trusted.strict => return Ok(ServerCertVerified::assertion()),
            (None | Some(true), Ok(verified)) => return Ok(verified),
            (Some(false), Ok(_)) => None,
            (_, Err(error)) => Some(error),
        };
        let why =
            error.as_ref().map_or("it is not the one that was agreed to".to_owned(), ToString::to_string);
        let vouched = error.is_none();
        *self.unknown.lock().expect("nobody panics with it") = Some(Unknown { fingerprint, why, vouched });
        Err(error.unwrap_or(unknown))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// A connection in the open or under TLS, read and written without waiting.
#[derive(Debug)]
pub(super) enum Stream {
    /// In the open.
    Open(mio::net::TcpStream),
    /// Under TLS.
    Tls(Box<rustls::StreamOwned<ClientConnection, mio::net::TcpStream>>),
}

impl Stream {
    /// The socket itself.
    pub fn socket(&mut self) -> &mut mio::net::TcpStream {
        match self {
            Self::Open(socket) => socket,
            Self::Tls(tls) => &mut tls.sock,
        }
    }

    /// Says that nothing more follows.
    pub fn close(&mut self) {
        if let Self::Tls(tls) = self {
            tls.conn.send_close_notify();
            // Whoever is gone already need not hear it.
            let _ = tls.flush();
        }
        let _ = self.socket().shutdown(std::net::Shutdown::Write);
    }
}

impl Read for Stream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Open(socket) => socket.read(bytes),
            // Without a farewell the end may have been forged, but the same holds for what was said in between: lines
            // are whole, and people are told that the connection is lost either way.
            Self::Tls(tls) => match tls.read(bytes) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
                result => result,
            },
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Open(socket) => socket.write(bytes),
            Self::Tls(tls) => tls.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Open(socket) => socket.flush(),
            Self::Tls(tls) => tls.flush(),
        }
    }
}
