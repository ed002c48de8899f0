//! SCRAM-SHA-256 (RFC 5802, RFC 7677), the client's side: both prove that they know the password, and nobody says it.

use std::num::NonZeroU32;

use base64ct::{Base64, Encoding};
use ring::{digest, hmac, pbkdf2};

/// Rounds that a server may ask for; more would keep the screen waiting for longer than a blink.
const ROUNDS_MAX: u32 = 200_000;
const HASH_BYTES: usize = digest::SHA256_OUTPUT_LEN;

/// An exchange under way.
#[derive(Clone, Debug)]
pub(super) struct Scram {
    bare: String,
    nonce: String,
    // What the server has to answer in the end, once it is known.
    server_signature: Option<Vec<u8>>,
    proved: bool,
}

impl Scram {
    /// Begins with a nonce that was never used before.
    pub fn new(account: &str, nonce: &str) -> Result<Self, &'static str> {
        let account = stringprep::saslprep(account)
            .map_err(|_| "the name of the account has characters that SASLprep forbids")?;
        let account = account.replace('=', "=3D").replace(',', "=2C");
        let bare = format!("n={account},r={nonce}");
        Ok(Self { bare, nonce: nonce.to_owned(), server_signature: None, proved: false })
    }

    /// The first message.
    pub fn first(&self) -> String {
        format!("n,,{}", self.bare)
    }

    /// The second message, which answers the server's first.
    pub fn answer(&mut self, password: &str, server_first: &str) -> Result<String, &'static str> {
        let mut fields = server_first.split(',');
        let mut field = |name: &str| fields.next().and_then(|field| field.strip_prefix(name));
        let (Some(nonce), Some(salt), Some(rounds)) = (field("r="), field("s="), field("i=")) else {
            return Err("the server's challenge is none of SCRAM");
        };
        if nonce.len() <= self.nonce.len() || !nonce.starts_with(&self.nonce) {
            return Err("the server answers somebody else's question");
        }
        let salt = Base64::decode_vec(salt).map_err(|_| "the server's salt is not written in base64")?;
        let rounds = rounds.parse().ok().filter(|rounds: &NonZeroU32| rounds.get() <= ROUNDS_MAX);
        let rounds = rounds.ok_or("the server asks for no rounds, or for too many")?;

        let password = stringprep::saslprep(password)
            .map_err(|_| "the password has characters that SASLprep forbids")?;
        let mut salted = [0; HASH_BYTES];
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, password.as_bytes(), &mut salted);
        let keyed = |key: &[u8], text: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text);
        let client_key = keyed(&salted, b"Client Key");
        let stored_key = digest::digest(&digest::SHA256, client_key.as_ref());
        let unproven = format!("c=biws,r={nonce}");
        let whole = format!("{},{server_first},{unproven}", self.bare);
        let signature = keyed(stored_key.as_ref(), whole.as_bytes());
        let proof = client_key.as_ref().iter().zip(signature.as_ref()).map(|(left, right)| left ^ right);
        let proof: Vec<u8> = proof.collect();
        let server_key = keyed(&salted, b"Server Key");
        self.server_signature = Some(keyed(server_key.as_ref(), whole.as_bytes()).as_ref().to_vec());
        Ok(format!("{unproven},p={}", Base64::encode_string(&proof)))
    }

    /// The last message, empty, which answers the server's proof that it knows the password too.
    pub fn prove(&mut self, server_final: &str) -> Result<String, &'static str> {
        let claimed = server_final.split(',').next().and_then(|field| field.strip_prefix("v="));
        let claimed = claimed.and_then(|value| Base64::decode_vec(value).ok());
        self.proved = claimed.is_some() && claimed == self.server_signature;
        match self.proved {
            true => Ok(String::new()),
            false => Err("the server does not prove that it knows the password"),
        }
    }

    /// Whether it has.
    pub fn proved(&self) -> bool {
        self.proved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER_FIRST: &str =
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    fn begun() -> Scram {
        Scram::new("user", "rOprNGfwEbeRWgbNEkqO").unwrap()
    }

    /// The exchange of RFC 7677, section 3.
    #[test]
    fn the_example_of_the_specification_is_followed() {
        let mut scram = begun();
        assert_eq!(scram.first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        assert_eq!(
            scram.answer("pencil", SERVER_FIRST).unwrap(),
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
             p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        assert_eq!(scram.prove("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), Ok(String::new()));
        assert!(scram.proved());
    }

    #[test]
    fn a_server_that_does_not_know_the_password_proves_nothing() {
        let mut scram = begun();
        assert!(scram.prove("v=").is_err(), "before it was asked");
        scram.answer("crayon", SERVER_FIRST).unwrap();
        for claim in ["v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", "v=", "v=?", "", "e=invalid-proof"] {
            assert!(scram.prove(claim).is_err() && !scram.proved(), "{claim}");
        }
    }

    #[test]
    fn a_challenge_that_is_none_is_refused() {
        for challenge in [
            "",
            "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            "r=somebodyelse,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0",
            "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=200001",
            "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=-1",
            "r=rOprNGfwEbeRWgbNEkqOx,s=?,i=4096",
            "m=ext,r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        ] {
            assert!(begun().answer("pencil", challenge).is_err(), "{challenge}");
        }
    }

    #[test]
    fn signs_of_the_protocol_in_a_name_are_written_differently() {
        assert_eq!(Scram::new("a,b=c", "n").unwrap().first(), "n,,n=a=2Cb=3Dc,r=n");
    }

    #[test]
    fn a_password_means_the_same_however_its_letters_are_composed() {
        let answer = |password: &str| begun().answer(password, SERVER_FIRST);
        // RFC 4013, section 3: "I<U+00AD>X" is "IX", U+00AA is "a", U+2168 is "IX".
        for (typed, meant) in
            [("I\u{ad}X", "IX"), ("\u{aa}", "a"), ("\u{2168}", "IX"), ("cafe\u{301}", "caf\u{e9}")]
        {
            assert_eq!(answer(typed), answer(meant), "{typed}");
        }
        assert_ne!(answer("user"), answer("USER"));
        for forbidden in ["\u{7}", "\u{627}1"] {
            assert!(answer(forbidden).is_err() && Scram::new(forbidden, "n").is_err(), "{forbidden:?}");
        }
        assert_eq!(Scram::new("\u{aa}\u{2168}", "n").unwrap().first(), "n,,n=aIX,r=n");
    }
}
