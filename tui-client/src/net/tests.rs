use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};

use mio::{Events, Poll, Token};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;
use crate::form::Tls;
use crate::secret::Source;

/// A server under TLS that returns what it hears, and says whom it takes the client for.
struct Server {
    port: u16,
    fingerprint: String,
    certificates: Receiver<Option<Vec<u8>>>,
}

impl Server {
    fn start() -> Self {
        let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
        let fingerprint = tls::fingerprint(own.cert.der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(Arc::new(Anybody(provider)))
            .with_single_cert(vec![own.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, certificates) = channel();
        std::thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                let connection = ServerConnection::new(Arc::new(config.clone())).unwrap();
                let mut stream = StreamOwned::new(connection, socket);
                let mut said = Vec::new();
                let mut reader = BufReader::new(&mut stream);
                // A client that refuses the certificate says nothing more.
                while reader.read_until(b'\n', &mut said).is_ok_and(|count| count > 0) {
                    let shown = reader.get_ref().conn.peer_certificates().map(|chain| chain[0].to_vec());
                    let _ = sender.send(shown);
                    reader.get_mut().write_all(&said).unwrap();
                    said.clear();
                }
            }
        });
        Self { port, fingerprint, certificates }
    }

    fn way(&self, pin: Option<&str>) -> Way {
        Way {
            address: Address { host: "localhost".to_owned(), port: self.port, tls: true },
            trusted: Trusted { pin: pin.map(str::to_owned), strict: false },
            password: Source::Nowhere,
            login_password: Source::Nowhere,
            certificate: None,
        }
    }
}

/// Takes every client's certificate, and clients without one.
#[derive(Debug)]
struct Anybody(Arc<rustls::crypto::CryptoProvider>);

impl rustls::server::danger::ClientCertVerifier for Anybody {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[rustls::DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &[rustls::pki_types::CertificateDer<'_>],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::server::danger::ClientCertVerified, rustls::Error> {
        Ok(rustls::server::danger::ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &rustls::pki_types::CertificateDer<'_>,
        signed: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &rustls::pki_types::CertificateDer<'_>,
        signed: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// The connections and the loop around them.
struct Client {
    poll: Poll,
    net: Net,
}

impl Client {
    fn new() -> Self {
        let poll = Poll::new().unwrap();
        let waker = Arc::new(Waker::new(poll.registry(), Token(0)).unwrap());
        Self { poll, net: Net::new(waker) }
    }

    /// Goes around until a look at a server has ended.
    fn report(&mut self) -> (u32, Report) {
        match self.events().pop() {
            Some(Event::Checked(number, report)) => (number, report),
            other => panic!("{other:?}"),
        }
    }

    /// Goes around until there is news, and tells it.
    fn news(&mut self) -> Vec<(NetworkId, News)> {
        let news = self.events().into_iter().map(|event| match event {
            Event::Net(network, news) => (network, news),
            other => panic!("{other:?}"),
        });
        news.collect()
    }

    fn events(&mut self) -> Vec<Event> {
        let mut ready = Events::with_capacity(16);
        let mut events = Vec::new();
        while events.is_empty() {
            self.net.flush(&mut events);
            let timeout = self.net.has_unread().then_some(std::time::Duration::ZERO);
            self.poll.poll(&mut ready, timeout).unwrap();
            let networks: Vec<NetworkId> = ready.iter().filter_map(|e| network_of(e.token())).collect();
            self.net.receive(self.poll.registry(), &networks, &mut events);
        }
        events
    }

    fn connects(&mut self, network: NetworkId, way: Way) -> Vec<News> {
        self.net.connect(network, Box::new(way));
        self.news().into_iter().map(|(_, news)| news).collect()
    }
}

const HERE: NetworkId = NetworkId(0);

#[test]
fn what_is_no_utf_8_is_latin_1() {
    assert_eq!(decoded("grüße".as_bytes()), "grüße");
    assert_eq!(decoded(b"gr\xfc\xdfe"), "grüße");
}

#[test]
fn a_certificate_is_taken_when_it_is_the_one_that_was_agreed_to() {
    let server = Server::start();
    let mut client = Client::new();
    for pin in [None, Some("AB:CD")] {
        let news = client.connects(HERE, server.way(pin));
        let [News::Unknown { address, fingerprint, vouched: false, .. }] = &news[..] else {
            panic!("{news:?}")
        };
        assert_eq!((fingerprint, address.port), (&server.fingerprint, server.port));
    }
    let mut strict = server.way(Some(&server.fingerprint));
    strict.trusted.strict = true;
    assert!(matches!(client.connects(HERE, strict)[..], [News::Unknown { .. }]), "not even then");
    let news = client.connects(HERE, server.way(Some(&server.fingerprint)));
    let [News::Prepared(prepared), News::Connected] = &news[..] else { panic!("{news:?}") };
    assert!(prepared.tls && prepared.local && prepared.nonce.len() == 32, "{prepared:?}");
}

#[test]
fn lines_go_both_ways_under_tls_however_many() {
    let server = Server::start();
    let mut client = Client::new();
    client.connects(HERE, server.way(Some(&server.fingerprint)));
    let line = "x".repeat(400);
    for number in 0..2000 {
        client.net.send(HERE, &format!("{number} {line}\r\n"));
    }
    let mut next = 0;
    while next < 2000 {
        for (_, news) in client.news() {
            let News::Line(heard) = news else { panic!("{news:?}") };
            assert_eq!(heard, format!("{next} {line}"));
            next += 1;
        }
    }
    client.net.close(HERE);
}

#[test]
fn one_shows_a_certificate_of_ones_own() {
    let own = rcgen::generate_simple_self_signed(vec!["me".to_owned()]).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("me.pem");
    std::fs::write(&path, own.cert.pem() + &own.signing_key.serialize_pem()).unwrap();
    let server = Server::start();
    let mut client = Client::new();
    for (certificate, shown) in [(None, None), (Some(path), Some(own.cert.der().to_vec()))] {
        let mut way = server.way(Some(&server.fingerprint));
        way.certificate = certificate;
        client.connects(HERE, way);
        client.net.send(HERE, "hello\r\n");
        assert!(matches!(&client.news()[..], [(_, News::Line(line))] if line == "hello"));
        assert_eq!(server.certificates.recv().unwrap(), shown);
        client.net.close(HERE);
    }
}

#[test]
fn two_connections_do_not_mix() {
    let (one, two) = (Server::start(), Server::start());
    let mut client = Client::new();
    let other = NetworkId(1);
    client.connects(HERE, one.way(Some(&one.fingerprint)));
    client.connects(other, two.way(Some(&two.fingerprint)));
    client.net.send(other, "to the other\r\n");
    let news = client.news();
    assert!(matches!(&news[..], [(NetworkId(1), News::Line(line))] if line == "to the other"), "{news:?}");
}

#[test]
fn what_hinders_a_connection_is_told() {
    let server = Server::start();
    let mut client = Client::new();
    let open = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = open.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut socket, _) = open.accept().unwrap();
        socket.write_all(b":srv NOTICE * :I do not speak TLS at all\r\n").unwrap();
        // Until the client has had enough.
        let _ = socket.read_to_end(&mut Vec::new());
    });
    let mut no_tls = server.way(None);
    no_tls.address.port = port;
    let mut no_certificate = server.way(None);
    no_certificate.certificate = Some(PathBuf::from("/nowhere/me.pem"));
    let mut no_password = server.way(None);
    no_password.password = Source::Command("exit 1".to_owned());
    let mut no_host = server.way(None);
    no_host.address.host = "not a name".to_owned();
    for (way, expected) in [
        (no_tls, "Cannot connect: TLS: received corrupt message"),
        (no_certificate, "Cannot connect: /nowhere/me.pem: "),
        (no_password, "Cannot connect: the server's password: the command has failed"),
        (no_host, "Cannot connect: "),
    ] {
        let news = client.connects(HERE, way);
        let [News::Lost(why)] = &news[..] else { panic!("{news:?}") };
        assert!(why.starts_with(expected), "{why}");
    }
}

/// A server that answers the questions of one who looks around.
fn looked_at(answers: &'static str) -> (u16, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        socket.write_all(answers.as_bytes()).unwrap();
        // Until the client hangs up.
        BufReader::new(socket).lines().map_while(Result::ok).collect()
    });
    (port, heard)
}

#[test]
fn one_looks_at_a_server_without_registering() {
    #[rustfmt::skip]
    let table = [
        (":s CAP * LS :a\r\n:s CAP * LIST :\r\n",                      Tls::None,            Some(true)),
        (":s CAP * LS :a sts=port=7\r\n:s 433 * al :taken\r\n",         Tls::Elsewhere(7),    Some(false)),
        (":s NOTICE * :hello\r\nPING :x y\r\n:s CAP al LIST :\r\n",    Tls::None,            Some(true)),
    ];
    let mut client = Client::new();
    for (number, (answers, tls, nick_free)) in (1..).zip(table) {
        let (port, heard) = looked_at(answers);
        let mut way = Server::start().way(None);
        (way.address.port, way.address.tls) = (port, false);
        client.net.check(number, Box::new(way), "al".to_owned());
        let expected = Report { reached: Some(Ok(())), tls, nick_free };
        assert_eq!(client.report(), (number, expected), "{answers}");
        let heard = heard.join().unwrap();
        assert_eq!(heard[..3], ["CAP LS 302", "NICK al", "CAP LIST"]);
        assert_eq!(heard.last().map(String::as_str), Some("QUIT"));
        assert_eq!(heard.contains(&"PONG :x y".to_owned()), answers.contains("PING"), "{heard:?}");
    }
    let mut way = Server::start().way(None);
    "not a name".clone_into(&mut way.address.host);
    client.net.check(9, Box::new(way), "al".to_owned());
    assert!(matches!(
        client.report(),
        (9, Report { reached: Some(Err(_)), tls: Tls::Unknown, nick_free: None })
    ));
}
